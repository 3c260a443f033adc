import type { Admin } from 'kafkajs';

/** How many messages of these topics a group has yet to handle: from where it is, or where a topic begins, to its end. */
export async function backlogOf(admin: Admin, groupId: string, names: readonly string[]): Promise<bigint> {
  const present = new Set(await admin.listTopics());
  const topics = names.filter((name) => present.has(name));
  if (topics.length === 0) return 0n;
  const groups = await admin.fetchOffsets({ groupId, topics });
  let left = 0n;
  for (const topic of topics) {
    const handled = new Map(
      groups
        .filter((group) => group.topic === topic)
        .flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const)),
    );
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const [first, end, next] = [BigInt(low), BigInt(high), handled.get(partition) ?? -1n];
      // -1: the group has never handled anything there; below the first one: what it had not handled is gone.
      left += end - (next < first ? first : next);
    }
  }
  return left;
}
