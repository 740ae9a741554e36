import { Registry } from 'prom-client';
import type { Saga } from '../../src/saga/saga';
import { sagaReports } from '../../src/service/saga-reports';

const saga = (values: Partial<Saga>) =>
  ({
    id: 's1',
    type: 'RENT',
    status: 'COMPENSATING',
    announced: { idName: { id: 'jenny', name: '제니' } },
    ...values,
  }) as Saga;

describe('What is reported of sagas', () => {
  let metrics: Registry;
  let errors: object[];
  let report: ReturnType<typeof sagaReports>;

  beforeEach(() => {
    metrics = new Registry();
    errors = [];
    const logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => void errors.push(fields),
    };
    report = sagaReports({ metrics, logger });
  });

  const series = async () =>
    (await metrics.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('[G4 A16] is an alarm, once, when one has come to need a person, and why', async () => {
    const stuck = saga({ attention: 'undo-refused' });
    report(stuck, saga({}));
    report(saga({ ...stuck, resent: 7 }), stuck);

    expect(errors).toEqual([{ saga: 's1', type: 'RENT', status: 'COMPENSATING', cause: 'undo-refused' }]);
    expect(await series()).toEqual(['library_saga_attention_total{type="RENT",cause="undo-refused"} 1']);
  });

  it('[G4] is an alarm again when the cause is another one', () => {
    report(saga({ attention: 'not-answering' }), saga({}));
    report(saga({ attention: 'undo-refused' }), saga({ attention: 'not-answering' }));

    expect(errors).toHaveLength(2);
  });

  it('is how they end', async () => {
    report(saga({ status: 'COMPLETED' }), saga({ status: 'RUNNING' }));
    report(saga({ status: 'COMPENSATED' }), saga({}));
    report(saga({ status: 'RUNNING' }), undefined);

    expect(await series()).toEqual([
      'library_sagas_ended_total{type="RENT",status="COMPLETED"} 1',
      'library_sagas_ended_total{type="RENT",status="COMPENSATED"} 1',
    ]);
    expect(errors).toEqual([]);
  });

  it('[G21] is never who they are about', async () => {
    report(saga({ attention: 'not-heard' }), undefined);

    expect(JSON.stringify([errors, await metrics.metrics()])).not.toMatch(/jenny|제니/);
  });
});
