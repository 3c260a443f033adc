import { perform, type Task } from './tasks.js';

/** A process of its own, so that making load costs the measured server nothing but its share of the machine. */
process.on('message', (task: Task) => {
  perform(task).then(
    (outcome) => process.send?.({ outcome }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
