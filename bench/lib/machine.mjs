import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

const firstLine = (command, args, options) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options }).trim().split('\n', 1)[0];
  } catch {
    return undefined;
  }
};

const rival = (root, name) => JSON.parse(readFileSync(join(root, 'bench/node_modules', name, 'package.json'), 'utf8')).version;

/** Returns the facts that a reader needs to judge the figures. */
export async function describe(root, db) {
  const { rows: [server] } = await db.query(`
    SELECT current_setting('server_version') AS postgres, current_setting('fsync') AS fsync,
           current_setting('synchronous_commit') AS synchronous_commit, current_setting('shared_buffers') AS shared_buffers,
           (SELECT extversion FROM pg_extension WHERE extname = 'pgmq') AS pgmq`);
  return {
    date: new Date().toISOString(),
    commit: firstLine('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }),
    uncommitted_changes: Boolean(firstLine('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: root })),
    machine: { system: `${type()} ${release()}`, processor: cpus()[0]?.model, processors: cpus().length, memory_gb: Math.round(totalmem() / 2 ** 30), load_average_before: loadavg()[0] },
    versions: {
      java: /"([^"]+)"/.exec(firstLine('java', ['-version'], { stdio: ['ignore', 'pipe', 'pipe'] }) || readJavaRelease() || '')?.[1],
      node: process.versions.node, postgres: server.postgres, pgmq: server.pgmq,
      'pg-boss': rival(root, 'pg-boss'), 'graphile-worker': rival(root, 'graphile-worker'),
      pg: rival(root, 'pg'), undici: rival(root, 'undici'),
    },
    postgres: { fsync: server.fsync, synchronous_commit: server.synchronous_commit, shared_buffers: server.shared_buffers },
  };
}

/** Reads the version from the JDK's release file, because java -version prints it to stderr. */
function readJavaRelease() {
  try {
    return /JAVA_VERSION="[^"]+"/.exec(readFileSync(join(process.env.JAVA_HOME ?? '', 'release'), 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}
