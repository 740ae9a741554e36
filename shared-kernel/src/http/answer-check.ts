import { isRefusal } from '../domain/refusal';
import { readerOf } from './input';
import { isProblem, TurnedAway } from './problem';
import type { DocumentedAnswer, PlainAnswer, Route } from './routes';

/**
 * Holds what a route answers against its documents, and throws at the first difference: an answer or a problem that is not
 * listed, a field that is missing, wrong or not named. The compiler sees most of that; a field too many it does not.
 */
export function answerCheck(route: Route): (answer: PlainAnswer) => PlainAnswer {
  const { method, path, problems = [], undoneBy = [] } = route;
  const documented = new Map<number, DocumentedAnswer>(
    Object.entries(route.answers).map(([status, answer]) => [Number(status), answer]),
  );
  const readers = new Map(
    [...documented].flatMap(([status, { schema }]) => (schema ? [[status, readerOf(schema, 'answer', false)]] : [])),
  );

  const drifted = (what: string): never => {
    throw new Error(`${method} ${path} ${what}, which it does not document.`);
  };

  return (answer) => {
    if (isRefusal(answer))
      return problems.includes(answer.refused) ? answer : drifted(`refuses with ${answer.refused}`);
    if (isProblem(answer)) {
      return [...problems, ...undoneBy].includes(answer.code) ? answer : drifted(`answers the problem ${answer.code}`);
    }
    if (!documented.has(answer.status)) return drifted(`answers ${answer.status}`);
    try {
      readers.get(answer.status)?.(answer.body);
    } catch (error) {
      if (error instanceof TurnedAway)
        return drifted(`answers ${answer.status} with ${JSON.stringify(error.answer['errors'])}`);
      throw error;
    }
    return answer;
  };
}
