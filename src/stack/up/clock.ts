/** Seconds by phase. */
export class Clock {
  readonly laps: Record<string, number> = {};
  private last = Date.now();

  lap(name: string): number {
    const seconds = (Date.now() - this.last) / 1000;
    this.last = Date.now();
    this.add(name, seconds);
    return seconds;
  }

  add(name: string, seconds: number): void {
    this.laps[name] = Math.round(seconds * 100) / 100;
  }
}
