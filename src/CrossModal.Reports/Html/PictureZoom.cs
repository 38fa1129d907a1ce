namespace CrossModal.Reports;

/// <summary>What enlarges a picture of a page, and shows the value of the patch under the pointer; a page is complete without it.</summary>
internal static class PictureZoom
{
    /// <summary>The script. It holds no character that XML or HTML would take for markup.</summary>
    public const string Script = """

        {
          const dialog = document.createElement('dialog');
          const line = document.createElement('p');
          dialog.className = 'zoom';
          document.body.append(dialog);
          dialog.addEventListener('click', () => dialog.close());
          const valued = (picture, figure, caption) => {
            const values = figure.dataset.values?.split(' ');
            if (!values) return;
            const columns = Number(figure.dataset.columns);
            const rows = values.length / columns;
            picture.addEventListener('pointermove', event => {
              const box = picture.getBoundingClientRect();
              const place = (at, start, length, count) => Math.max(0, Math.min(count - 1, Math.floor((at - start) / length * count)));
              const row = place(event.clientY, box.top, box.height, rows);
              const column = place(event.clientX, box.left, box.width, columns);
              caption.textContent = `${values[row * columns + column]}× (${row + 1}, ${column + 1})`;
            });
          };
          for (const figure of document.querySelectorAll('figure.frame')) {
            const picture = figure.querySelector('img');
            const caption = figure.querySelector('figcaption');
            const text = caption.textContent;
            picture.tabIndex = 0;
            picture.setAttribute('role', 'button');
            valued(picture, figure, caption);
            picture.addEventListener('pointerleave', () => { caption.textContent = text; });
            const open = () => {
              const copy = document.createElement('img');
              copy.src = picture.src;
              copy.alt = picture.alt;
              dialog.replaceChildren(copy, line);
              line.textContent = text;
              valued(copy, figure, line);
              copy.addEventListener('pointerleave', () => { line.textContent = text; });
              dialog.showModal();
            };
            picture.addEventListener('click', open);
            picture.addEventListener('keydown', event => {
              if (!['Enter', ' '].includes(event.key)) return;
              event.preventDefault();
              open();
            });
          }
        }

        """;
}
