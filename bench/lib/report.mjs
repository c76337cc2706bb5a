// Prints the results as tables for people.

/** @param {{title: string, columns: string[], rows: (string|number)[][], notes?: string[]}} section */
export function print({ title, columns, rows, notes = [] }) {
  const cells = [columns, ...rows].map((row) => row.map((cell) => (cell === undefined || Number.isNaN(cell) ? '-' : String(cell))));
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`;
  console.log(`\n${title}`);
  console.log(line(cells[0]));
  console.log(`  ${widths.map((width) => '-'.repeat(width)).join('  ')}`);
  cells.slice(1).forEach((row) => console.log(line(row)));
  notes.forEach((note) => console.log(`  ${note}`));
}

/** @param {{what: string, aim: string, got: string, met: boolean}[]} aims */
export function printAims(aims) {
  if (aims.length > 0) print({ title: 'Aims', columns: ['what', 'aim', 'measured', ''], rows: aims.map((a) => [a.what, a.aim, a.got, a.met ? 'met' : 'missed']) });
}
