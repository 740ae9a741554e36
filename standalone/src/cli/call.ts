import { urlOf } from '@library/shared-kernel/http/listening';
import type { Environment } from '@library/shared-kernel/service/environment';
import type { Understood } from './arguments';
import { paintFor, visible, type Paint } from './display';
import { CannotDo, EXIT, misused, NoDataFolder, type Exit } from './exit';
import { holderOf, holderText } from './folder-holder';
import { serveFolder, type FolderServer } from './folder-server';
import { LibraryApi, NothingAnswers, type Answer, type AskedFor } from './library-api';
import type { Telling, Told } from './told';

/** Where the command line runs. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly isColoured: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Who is at the terminal. */
  readonly user: string;
  /** Aborted when the person has enough. */
  readonly signal: AbortSignal;
}

const STARTS = { embedded: '`npm start`', distributed: '`npm run dev`' } as const;

/** One command as its verb sees it: what was given, whom to ask, and how to tell. */
export class Call {
  readonly isJson: boolean;
  readonly paint: Paint;
  readonly api: LibraryApi;
  readonly folder: string;
  private fromFolder: FolderServer | undefined;

  constructor(
    private readonly given: Omit<Understood, 'verb'>,
    readonly terminal: Terminal,
    readonly environment: Environment,
  ) {
    this.isJson = given.flags.has('json');
    this.paint = paintFor(terminal.isColoured);
    const { HTTP_HOST: host, HTTP_PORT: port } = environment;
    this.api = new LibraryApi(originOf(given.texts['url'] ?? urlOf({ host, port })), STARTS[environment.MODE]);
    this.folder = given.texts['data'] ?? environment.DATA_DIR;
  }

  /** A word that the verb needs. */
  word(name: string): string {
    return this.given.words[name]!;
  }

  /** A word that may be left out. */
  extraWord(name: string): string | undefined {
    return this.given.words[name];
  }

  text(option: string): string | undefined {
    return this.given.texts[option];
  }

  /** An option that the verb needs. */
  neededText(option: string): string {
    return this.given.texts[option]!;
  }

  flag(option: string): boolean {
    return this.given.flags.has(option);
  }

  /** Asks the running library. */
  async ask<Body>(method: string, path: string, asked: AskedFor = {}): Promise<Answer<Body>> {
    return this.api.ask<Body>(method, path, asked);
  }

  async get<Body>(path: string, query: NonNullable<AskedFor['query']> = {}): Promise<Body> {
    return (await this.api.ask<Body>('GET', path, { query })).body;
  }

  /**
   * The same; when nothing answers at the default address, what the data folder holds, which is then said. So it is when
   * a folder is meant: whatever answers here would tell of another one. Throws CannotDo when that is not there, or somebody holds it.
   */
  async look<Body>(path: string, query: NonNullable<AskedFor['query']> = {}): Promise<Body> {
    if (!this.fromFolder && this.isFolderMeant) this.fromFolder = await this.openFolder();
    if (!this.fromFolder) {
      try {
        return await this.get<Body>(path, query);
      } catch (error) {
        if (!(error instanceof NothingAnswers) || !this.mayBeFolder) throw error;
        this.fromFolder = await this.openFolder(error);
      }
    }
    return (await this.fromFolder.api.ask<Body>('GET', path, { query })).body;
  }

  /** Whether the command line says itself what to ask: an address or a folder. */
  get isPlaceNamed(): boolean {
    return this.given.texts['data'] !== undefined || this.given.texts['url'] !== undefined;
  }

  /** A folder was named, and no address. */
  get isFolderMeant(): boolean {
    const { data, url } = this.given.texts;
    return data !== undefined && url === undefined;
  }

  /** Whether the data folder may stand in for a library that does not answer: not for one that lies elsewhere. */
  get mayBeFolder(): boolean {
    const { data, url } = this.given.texts;
    return data !== undefined || (url === undefined && this.environment.MODE === 'embedded');
  }

  /** Throws CannotDo when somebody holds the folder that is meant: only who holds it knows how things stand. */
  refuseHeldFolder(): void {
    const holder = this.isFolderMeant ? holderOf(this.folder) : undefined;
    if (!holder) return;
    throw new CannotDo(
      EXIT.conflict,
      `${this.folder} is held by ${holderText(holder)}: ask the library that runs there, with --url in place of --data.`,
    );
  }

  /** Whether what was looked at came from the folder. */
  get isFromFolder(): boolean {
    return this.fromFolder !== undefined;
  }

  /** What came from a folder says in `fromFolder` from which one. */
  told<Data extends object>(data: Data, text: Telling<Data>, exit: Exit = EXIT.ok): Told<Data> {
    const source = this.isFromFolder ? { fromFolder: this.folder } : {};
    return {
      data: Array.isArray(data) ? data : { ...source, ...data },
      text: this.isJson ? '' : text(visible(data), this.paint),
      exit,
    };
  }

  /** Something that is no answer: on the side, and not with `--json`. */
  remark(text: string): void {
    if (!this.isJson) this.terminal.err(`${this.paint.dim(text)}\n`);
  }

  async close(): Promise<void> {
    await this.fromFolder?.close();
  }

  /** `nothing`: what the running library was asked in vain. */
  private async openFolder(nothing?: NothingAnswers): Promise<FolderServer> {
    this.refuseHeldFolder();
    const server = await serveFolder(this.folder, this.environment);
    if (!server) throw nothing ?? new NoDataFolder(this.folder);

    const holder = holderOf(this.folder);
    const unsure = holder ? ` ${holderText(holder)} is writing there, which may look like disorder.` : '';
    this.remark(
      `${nothing ? `Nothing answers at ${nothing.url}: t` : 'T'}his is what the folder ${this.folder} holds.${unsure}`,
    );
    return server;
  }
}

function originOf(url: string): string {
  const complete = url.includes('://') ? url : `http://${url}`;
  const read = URL.canParse(complete) ? new URL(complete) : undefined;
  const isOrigin = read !== undefined && /^https?:$/.test(read.protocol) && read.href === `${read.origin}/`;
  return isOrigin
    ? read.origin
    : misused(`--url ${url} is no address: it looks like http://127.0.0.1:8080, without a path.`);
}
