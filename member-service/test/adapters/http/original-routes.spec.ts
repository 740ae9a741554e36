import request from 'supertest';
import { openMemberApp } from './member-app';

let library: ReturnType<typeof openMemberApp>;
beforeEach(() => {
  library = openMemberApp();
});
afterEach(() => library.close());

const register = (body: object, path = '/api/Member/') => request(library.app).post(path).send(body);
const keyed = (body: object) => register(body).set('Idempotency-Key', 'k-1');
const get = (path: string) => request(library.app).get(path);

const script = { email: 'scant10@gmail.com', id: 'jenny', name: '제니', passWord: 'open-sesame' };
const shown = { memberNo: 1, id: 'jenny', name: '제니', email: 'scant10@gmail.com', point: 0 };

it('registers a member, who has no points yet [AC-01]', async () => {
  const { status, body } = await register(script);

  expect(status).toBe(201);
  expect(body).toStrictEqual(shown);
});

it('needs no slash at the end', async () => {
  expect((await register(script, '/api/Member')).status).toBe(201);
});

it('keeps no password', async () => {
  await register(script).set('Idempotency-Key', 'k-1');

  const stored = await library.stored();
  expect(stored).toContain('scant10@gmail.com');
  expect(stored).not.toContain(script.passWord);
});

it('ignores what it does not know', async () => {
  const { status, body } = await register({ ...script, point: 1_000, phone: '010' });

  expect(status).toBe(201);
  expect(body).toStrictEqual(shown);
});

it('shows a member by number, with the points earned since [AC-07]', async () => {
  await register(script);
  await library.reward('jenny', 0);

  const { status, body } = await get('/api/Member/1');

  expect(status).toBe(200);
  expect(body).toStrictEqual({ ...shown, point: 10 });
});

it('counts the members of both ways to register', async () => {
  await request(library.app).post('/members').send({ id: 'minsu', name: '민수', email: 'minsu@gmail.com' });

  expect((await register(script)).body.memberNo).toBe(2);
  expect((await get('/api/Member/1')).body.id).toBe('minsu');
});

it('says in Korean that the id is taken [AC-38]', async () => {
  await register(script);

  const { status, body } = await register({ ...script, name: '다른 제니' });

  expect(status).toBe(409);
  expect(body.code).toBe('member-already-exists');
  expect(body.detail).toBe('이미 등록된 회원 아이디입니다.');
});

it('says in Korean that nobody has the number [AC-37]', async () => {
  const { status, body } = await get('/api/Member/99');

  expect(status).toBe(404);
  expect(body.code).toBe('member-not-found');
  expect(body.detail).toBe('해당 회원을 찾을 수 없습니다.');
});

it.each(['jenny', '0', '-1'])('knows no number %s', async (no) => {
  expect((await get(`/api/Member/${no}`)).status).toBe(400);
});

it('registers once under one Idempotency-Key, whatever the password [M3]', async () => {
  await keyed(script);

  expect((await keyed({ ...script, passWord: 'other' })).body).toStrictEqual(shown);
  expect((await keyed({ ...script, name: '다른 제니' })).status).toBe(422);
});
