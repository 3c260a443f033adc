const FIRST = 100;
const LAST = 599;

/** How often each HTTP status was answered. A status outside 100 to 599 does not occur, and is not counted. */
export class StatusCounts {
  private readonly counts = new Float64Array(LAST - FIRST + 1);

  count(status: number): void {
    const index = status - FIRST;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  /** Every status that occurred. */
  forEach(each: (status: number, times: number) => void): void {
    this.counts.forEach((times, index) => {
      if (times > 0) each(FIRST + index, times);
    });
  }
}
