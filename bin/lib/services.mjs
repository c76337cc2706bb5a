// The command lines of the Java programs: the only place that knows the paths of the build's results and the JVM options.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const VERSION = '0.1.0-SNAPSHOT';
/** The maximum heap in megabytes. Usual work needs a third of it; large webhooks and many simultaneous requests for photos need the rest. */
const HEAP = { 'receiver-service': 256, 'worker-service': 256 };

/** Returns the path of a jar from the build. */
export const jar = (root, module, classifier = '') => join(root, module, 'target', `${module}-${VERSION}${classifier}.jar`);

/**
 * Returns the options of every JVM of the product. A JVM that runs out of memory exits, instead of running on without some of its threads.
 * @param {number} heap megabytes
 * @param {number} processors with one or two processors, a parallel collector costs memory and gains nothing
 */
export const jvm = (heap, processors = availableParallelism()) => [
  `-Xmx${heap}m`, '-XX:+ExitOnOutOfMemoryError', ...(processors <= 2 ? ['-XX:+UseSerialGC'] : []),
];

/** Returns the arguments of a program in one jar that runs briefly or mostly waits: the migrator, the database. */
export const program = (root, module, heap = 128) => [...jvm(heap), '-jar', jar(root, module, '-exec')];

/**
 * Returns the arguments of receiver or worker, which prepare_services in build.sh has unpacked: with the options of its image, and with
 * its ahead-of-time cache if there is one. Java ignores a cache that does not fit.
 * @param {'receiver-service' | 'worker-service'} module
 * @returns {string[]} the arguments after `java`, without the service's own arguments
 */
export function service(root, module, processors = availableParallelism()) {
  const unpacked = join(root, module, 'target/service');
  const cache = join(unpacked, 'app.aot');
  return [
    ...jvm(HEAP[module], processors), `@${join(root, module, 'jvm.options')}`,
    ...(existsSync(cache) ? [`-XX:AOTCache=${cache}`] : []), '-jar', join(unpacked, 'app.jar'),
  ];
}
