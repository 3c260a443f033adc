import { afterAll, describe, it } from '@jest/globals';
import { eventBusContract } from '../../src/adapters/bus/contract.js';
import { kafkaEngine } from './kafka.js';
import { busUnderTest } from './kafkaBus.js';

const engine = await kafkaEngine();

describe('the bus on Kafka', () => {
  if (!engine) {
    it.skip('is not there', () => undefined);
    return;
  }
  afterAll(() => engine.stop());
  eventBusContract(() => busUnderTest(engine.brokers));
});
