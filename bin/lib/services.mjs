// How our Java programs are started: the one place that knows where a build puts them and with what they run.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const VERSION = '0.1.0-SNAPSHOT';
/** Megabytes that the heap may grow to. Usual work needs a third of it; large webhooks and crowds that ask for photos need the rest. */
const HEAP = { 'receiver-service': 256, 'worker-service': 256 };

/** A jar that the build made. */
export const jar = (root, module, classifier = '') => join(root, module, 'target', `${module}-${VERSION}${classifier}.jar`);

/**
 * Options of any JVM of ours: without memory it ends, instead of living on without some of its threads.
 * @param {number} heap megabytes
 * @param {number} processors with one or two of them, collecting in parallel costs memory and gains nothing
 */
export const jvm = (heap, processors = availableParallelism()) => [
  `-Xmx${heap}m`, '-XX:+ExitOnOutOfMemoryError', ...(processors <= 2 ? ['-XX:+UseSerialGC'] : []),
];

/** A program of one jar that runs for a moment or only waits for others: the migrator, the database. */
export const program = (root, module, heap = 128) => [...jvm(heap), '-jar', jar(root, module, '-exec')];

/**
 * Receiver or worker, as build_services in build.sh unpacked it: with the options of its image, and with its ahead-of-time cache
 * where there is one. A cache that does not fit is ignored by Java.
 * @param {'receiver-service' | 'worker-service'} module
 * @returns {string[]} what follows `java`, up to the service's own arguments
 */
export function service(root, module, processors = availableParallelism()) {
  const unpacked = join(root, module, 'target/service');
  const cache = join(unpacked, 'app.aot');
  return [
    ...jvm(HEAP[module], processors), `@${join(root, module, 'jvm.options')}`,
    ...(existsSync(cache) ? [`-XX:AOTCache=${cache}`] : []), '-jar', join(unpacked, 'app.jar'),
  ];
}
