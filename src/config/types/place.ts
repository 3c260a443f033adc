/** What a value is read as when it cannot be used; the reason was recorded at its place. */
export const REFUSED = Symbol('refused');
export type Refused = typeof REFUSED;

export const isRead = <Value>(value: Value | Refused): value is Value => value !== REFUSED;

/** What was found while a configuration was read: problems stop the start, warnings do not. */
export type Findings = { readonly problems: string[]; readonly warnings: string[] };

export const noFindings = (): Findings => ({ problems: [], warnings: [] });

const LONGEST_SHOWN = 60;
const MASK = '********';

/** A scalar as it was given; of anything larger only its kind, because secrets may lie within. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : 'a mapping';
}

/** Where a value stands (`GITHUB_LOGIN_CONFIG.CLIENT_ID`), who gave it, and where findings about it go. */
export class Place {
  constructor(
    readonly path: string,
    private readonly source: string,
    private readonly findings: Findings,
    private readonly secret = false,
  ) {}

  member(name: string | number): Place {
    const path = typeof name === 'number' ? `${this.path}[${name}]` : `${this.path}.${name}`;
    return new Place(path, this.source, this.findings, this.secret);
  }

  /** The same place, whose values are never shown. */
  masked(): Place {
    return new Place(this.path, this.source, this.findings, true);
  }

  /** The same place, whose findings go nowhere: to try whether a value fits. */
  muted(): Place {
    return new Place(this.path, this.source, noFindings(), this.secret);
  }

  /**
   * Records that the value cannot be used, so that a type can end with `return place.refuse(…)`.
   *
   * @param allowed what the place takes, in words that end the sentence "it takes …"
   */
  refuse(value: unknown, allowed: string): Refused {
    const given = this.secret ? MASK : shown(value);
    this.findings.problems.push(`${this.path}: ${given} (from ${this.source}) is not allowed; it takes ${allowed}`);
    return REFUSED;
  }

  /** Records that a required member is not there. */
  missing(name: string, allowed: string): void {
    this.findings.problems.push(`${this.path}.${name}: missing (in ${this.source}); it takes ${allowed}`);
  }

  warn(message: string): void {
    this.findings.warnings.push(`${this.path}: ${message} (from ${this.source})`);
  }
}
