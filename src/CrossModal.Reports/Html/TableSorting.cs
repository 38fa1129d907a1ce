namespace CrossModal.Reports;

/// <summary>What makes the headings of sortable tables clickable; a page reads the same without it.</summary>
internal static class TableSorting
{
    /// <summary>The script. It holds no character that XML or HTML would take for markup.</summary>
    public const string Script = """

        for (const table of document.querySelectorAll('table.sortable')) {
          const body = table.tBodies[0];
          for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
            const button = document.createElement('button');
            button.type = 'button';
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener('click', () => {
              const down = head.getAttribute('aria-sort') !== 'descending';
              for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
              head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
              const key = row => {
                const cell = row.cells[column];
                const number = Number.parseFloat(cell.dataset.key ?? cell.textContent);
                return Number.isNaN(number) ? cell.textContent : number;
              };
              const order = (a, b) => {
                const [x, y] = [key(a), key(b)];
                // What is missing stays at the end, whichever way the numbers run.
                if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1;
                const up = typeof x === 'number' ? x - y : x.localeCompare(y);
                return down === (typeof x === 'number') ? -up : up;
              };
              body.append(...[...body.rows].sort(order));
            });
          }
        }

        """;
}
