// Draws a map over a picture, with the colours and the scale of the reports.
export function positionOf(value, scale) {
  if (!(value > 0)) return 0;
  return Math.max(0, Math.min(1, Math.log2(value / scale.low) / Math.log2(scale.high / scale.low)));
}

// How a picture lies in the square that the policy is given.
export function letterbox(width, height, side) {
  const scale = side / Math.max(width, height);
  const content = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return { ...content, left: Math.trunc((side - content.width) / 2), top: Math.trunc((side - content.height) / 2), side };
}

// Places of the middle of every pixel along one side, in patches.
function places(count, length, offset, side, patches) {
  return Float64Array.from({ length: count }, (_, i) => ((i + 0.5) / count * length + offset) / side * patches);
}

function between(positions, rows, columns, row, column) {
  const y = Math.max(0, Math.min(rows - 1, row - 0.5));
  const x = Math.max(0, Math.min(columns - 1, column - 0.5));
  const [top, left] = [Math.trunc(y), Math.trunc(x)];
  const [bottom, right] = [Math.min(top + 1, rows - 1), Math.min(left + 1, columns - 1)];
  const [down, across] = [y - top, x - left];
  return (1 - down) * ((1 - across) * positions[top * columns + left] + across * positions[top * columns + right])
    + down * ((1 - across) * positions[bottom * columns + left] + across * positions[bottom * columns + right]);
}

// Greys the pixels and lays the map over them; in grey throughout where the map must not be taken at its word.
export function overlay(image, values, policy, scale, { smooth, grey, picture }) {
  const { data, width, height } = image;
  const box = letterbox(picture.width, picture.height, policy.side);
  const rows = places(height, box.height, box.top, policy.side, policy.rows);
  const columns = places(width, box.width, box.left, policy.side, policy.columns);
  const positions = Float64Array.from(values, value => positionOf(value, scale));
  const alphas = scale.colors.map((_, i) => scale.alpha * (i / (scale.colors.length - 1)) ** scale.power);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const place = smooth ? between(positions, policy.rows, policy.columns, rows[y], columns[x])
        : positions[Math.trunc(rows[y]) * policy.columns + Math.trunc(columns[x])];
      const shade = Math.round(place * (scale.colors.length - 1));
      const [alpha, color] = [alphas[shade], scale.colors[shade]];
      const photo = scale.brightness * (0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
      const mixed = [color >> 16, color >> 8 & 255, color & 255].map(c => photo + (c - photo) * alpha);
      const light = 0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2];
      for (let c = 0; c < 3; c++) data[at + c] = grey ? light : mixed[c];
    }
  }
}

// The colour bar, each colour over mid-grey.
export function drawBar(canvas, scale) {
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0, at = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++, at += 4) {
      const shade = Math.trunc(x * (scale.colors.length - 1) / Math.max(1, canvas.width - 1));
      const alpha = scale.alpha * (shade / (scale.colors.length - 1)) ** scale.power;
      const color = scale.colors[shade];
      [color >> 16, color >> 8 & 255, color & 255].forEach((c, i) => { image.data[at + i] = 102 + (c - 102) * alpha; });
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

// A small map alone, a pixel for each patch.
export function drawSmall(canvas, values, policy, scale) {
  canvas.width = policy.columns * (values.length / (policy.rows * policy.columns));
  canvas.height = policy.rows;
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => {
    const [camera, patch] = [Math.trunc(i / (policy.rows * policy.columns)), i % (policy.rows * policy.columns)];
    const at = 4 * (Math.trunc(patch / policy.columns) * canvas.width + camera * policy.columns + patch % policy.columns);
    const color = scale.colors[Math.round(positionOf(value, scale) * (scale.colors.length - 1))];
    image.data.set([color >> 16, color >> 8 & 255, color & 255, 255], at);
  });
  context.putImageData(image, 0, 0);
}
