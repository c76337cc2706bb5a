// The databases on which the product is run. A cell names the PostgreSQL, the PGMQ, the role that migrates, and the server or pooler that a
// connection leads to. Each pair of values of two of these is in one cell at least. The versions and the ways of connecting meet in all of
// their combinations.

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
 * The two cells that run with all tests: the oldest server and the newest, each through a pooler, as an owner without superuser.
 */
export const ALWAYS = ['15-transaction', '18-session'];

/** @param {string[]} names none for all; throws for one that is unknown */
export function chosen(names) {
  for (const name of names) {
    if (!CELLS.some((each) => each.name === name)) throw new Error(`no such cell: ${name} (${CELLS.map((each) => each.name).join(', ')})`);
  }
  return CELLS.filter((each) => names.length === 0 || names.includes(each.name));
}

/** One line of the table, as text and as Markdown. */
export const row = ({ name, postgres, pgmq, role, connection }, result) =>
  `| ${[name.padEnd(14), `PostgreSQL ${postgres}`, `PGMQ ${pgmq}`.padEnd(11), role.padEnd(9), connection.padEnd(11), result].join(' | ')} |`;
