export function* taken<Item>(count: number, items: Iterable<Item>): Generator<Item, void, undefined> {
  let left = count;
  if (left <= 0) return;
  for (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}

export function* filtered<Item>(
  items: Iterable<Item>,
  isWanted: (item: Item) => boolean,
): Generator<Item, void, undefined> {
  for (const item of items) if (isWanted(item)) yield item;
}
