import { Balancer } from '../../test/cluster/balancer.js';

/** A balancer as a process of its own: what it takes of the machine can be told apart. */
const balancer = await Balancer.start();
// An engine at its limit must not take a node away in the middle of a round.
balancer.use(process.argv.slice(2).map(Number));
process.send?.(Number(new URL(balancer.url).port));
process.once('disconnect', () => process.exit());
