// The databases on which the product is tested. A cell names the version of PostgreSQL, the version of PGMQ, the role that migrates, and the
// kind of connection: to the server or to a pooler. Each pair of values of two of these columns is in at least one cell. The versions of
// PostgreSQL and the kinds of connection appear in all combinations.

export const VALUES = {
  postgres: ['15', '17', '18'],
  pgmq: ['1.5.1', '1.11.1'],
  role: ['superuser', 'owner'],
  connection: ['direct', 'session', 'transaction'],
};

const cell = (postgres, connection, pgmq, role) => ({ name: `${postgres}-${connection}`, postgres, pgmq, role, connection });

export const CELLS = [
  cell('15', 'direct', '1.11.1', 'superuser'),
  cell('15', 'session', '1.5.1', 'owner'),
  cell('15', 'transaction', '1.11.1', 'owner'),
  cell('17', 'direct', '1.5.1', 'owner'),
  cell('17', 'session', '1.11.1', 'superuser'),
  cell('17', 'transaction', '1.11.1', 'superuser'),
  cell('18', 'direct', '1.11.1', 'owner'),
  cell('18', 'session', '1.11.1', 'owner'),
  cell('18', 'transaction', '1.5.1', 'superuser'),
];

/**
 * The two cells that run with all tests: the oldest and the newest server, each through a pooler, with an owner that is no superuser.
 */
export const ALWAYS = ['15-transaction', '18-session'];

/** @param {string[]} names empty for all cells; throws for an unknown name */
export function chosen(names) {
  for (const name of names) {
    if (!CELLS.some((each) => each.name === name)) throw new Error(`no such cell: ${name} (${CELLS.map((each) => each.name).join(', ')})`);
  }
  return CELLS.filter((each) => names.length === 0 || names.includes(each.name));
}

/** Formats one row of the table, which is readable as text and as Markdown. */
export const row = ({ name, postgres, pgmq, role, connection }, result) =>
  `| ${[name.padEnd(14), `PostgreSQL ${postgres}`, `PGMQ ${pgmq}`.padEnd(11), role.padEnd(9), connection.padEnd(11), result].join(' | ')} |`;
