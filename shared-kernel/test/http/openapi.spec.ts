import request from 'supertest';
import { openApiOf } from '../../src/http/openapi';
import { KINDS } from '../../src/http/problem-kinds';
import { sampleApp, sampleRoutes, SAGA } from './sample-service';

interface Media {
  readonly schema: Record<string, unknown>;
  readonly examples?: Record<
    string,
    { readonly value: { readonly code: string; readonly status: number; readonly sagaId?: string } }
  >;
}
interface Answer {
  readonly description: string;
  readonly headers?: Record<string, unknown>;
  readonly content?: Record<string, Media>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: string[];
  readonly parameters: {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Record<string, unknown>;
  }[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, Answer>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const routes = sampleRoutes();
const about = { name: 'sample', version: '1.2.3', summary: 'A sample.' };
const openApi = openApiOf(about, routes) as unknown as Document;
const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operationAt = (path: string, method: string): Operation => {
  const operation = openApi.paths[path]?.[method];
  if (!operation) throw new Error(`${method} ${path} is not documented.`);
  return operation;
};
const rent = operationAt('/rental-cards/{member}/rentals', 'post');

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [String(inner)] : refsIn(inner)));
}

const codesOf = ({ responses }: Operation) =>
  Object.values(responses).flatMap(({ content }) => Object.keys(content?.['application/problem+json']?.examples ?? {}));

const named = ({ parameters }: Operation, where: string) =>
  parameters.filter((one) => one.in === where).map(({ name }) => name);

describe('the OpenAPI document', () => {
  it('is served as it is made', async () => {
    const { body } = await request(sampleApp())
      .get('/openapi.json')
      .expect(200)
      .expect('Content-Type', /^application\/json/);

    expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'sample-service', version: '1.2.3' } });
    expect(Object.keys((body as Document).paths)).toEqual(
      expect.arrayContaining([...Object.keys(openApi.paths), '/health/ready']),
    );
  });

  it('has every route, and only those', () => {
    const documented = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted();
    expect(documented).toEqual(routes.map(({ path, method }) => `${method} ${path}`).toSorted());
  });

  it('gives each operation a name of its own, and a tag that is listed', () => {
    const ids = operations.map(({ operation }) => operation.operationId);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('postRentalCardsMemberRentals');
    for (const { operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]+$/);
      expect(openApi.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags));
    }
  });

  it('has exactly the parameters that each path names, all required', () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');

      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
  });

  it('refers to nothing that is not there', () => {
    const refs = refsIn(openApi);

    expect(refs).toContain('#/components/schemas/Saga');
    for (const ref of refs) {
      expect(ref).toMatch(/^#\/components\/schemas\//);
      expect(openApi.components.schemas).toHaveProperty([ref.split('/').at(-1) ?? '']);
    }
  });

  it('describes each answer, and each of its bodies by a schema', () => {
    for (const { operation } of operations) {
      expect(Object.keys(operation.responses).length).toBeGreaterThan(1);
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(description).not.toBe('');
        for (const { schema } of Object.values(content ?? {})) expect(schema).toEqual(expect.any(Object));
      }
    }
  });

  it('lists each problem of each route under its status, with an example', () => {
    for (const { path, method, problems = [], undoneBy = [] } of routes) {
      const { responses } = operationAt(path, method.toLowerCase());
      for (const code of problems) {
        const media = responses[KINDS[code].status]?.content?.['application/problem+json'];
        expect(media?.examples?.[code]?.value).toMatchObject({ code, status: KINDS[code].status });
        expect(JSON.stringify(media?.schema)).toContain(`"${code}"`);
      }
      for (const code of undoneBy) {
        const media = responses['409']?.content?.['application/problem+json'];
        expect(media?.examples?.[`undone: ${code}`]?.value).toMatchObject({ code, status: 409, sagaId: SAGA });
      }
    }
  });

  it('lists what the edge may answer, where it may', () => {
    const edge = [
      'invalid-input',
      'unknown-field',
      'malformed-json',
      'too-deep',
      'too-large',
      'unsupported-media-type',
    ];
    expect(codesOf(rent)).toEqual(expect.arrayContaining([...edge, 'bug', 'unavailable', 'insufficient-storage']));
    expect(codesOf(operationAt('/books/{no}', 'get'))).not.toContain('malformed-json');
    expect(codesOf(operationAt('/api/RentalCard', 'post'))).not.toContain('unknown-field');
    expect(codesOf(operationAt('/ops/pause', 'post'))).toContain('loopback-only');
  });

  it('says what any call may answer', () => {
    for (const code of ['malformed-request', 'cross-site', 'too-slow', 'unknown-host', 'headers-too-large'] as const) {
      expect(openApi.info.description).toContain(`${KINDS[code].status} \`${code}\``);
    }
  });

  it('says which body is taken, and that no other field is', () => {
    const ofRent = rent.requestBody?.content['application/json']?.schema;
    const ofOriginal = operationAt('/api/RentalCard', 'post').requestBody?.content['application/json']?.schema;

    expect(ofRent).toMatchObject({
      required: ['memberName', 'item'],
      additionalProperties: false,
      properties: { item: { required: ['no', 'title'], additionalProperties: false } },
    });
    expect(ofOriginal).toMatchObject({ required: ['userId', 'userNm'] });
    expect(ofOriginal).not.toHaveProperty('additionalProperties');
  });

  it('says which headers and queries are taken', () => {
    expect(named(rent, 'header')).toEqual(['Idempotency-Key', 'Prefer']);
    expect(named(operationAt('/books', 'get'), 'query')).toEqual(['limit', 'cursor', 'query', 'lent', 'from']);
    expect(operationAt('/books', 'get').parameters[0]).toMatchObject({
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    });
  });

  it('says which headers an answer has', () => {
    expect(rent.responses['202']?.headers).toHaveProperty('Location');
    expect(rent.responses['503']?.headers).toHaveProperty('Retry-After');
    expect(rent.responses['429']?.headers).toHaveProperty('Retry-After');
    expect(rent.responses['409']).not.toHaveProperty('headers');
  });
});
