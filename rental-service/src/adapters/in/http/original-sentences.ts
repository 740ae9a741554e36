import { isRefusal, type Refusal, type RefusalCode } from '@library/shared-kernel/domain/refusal';
import { problem, type Problem } from '@library/shared-kernel/http/problem';
import type { ProblemCode } from '@library/shared-kernel/http/problem-kinds';

/** What the original system's users read when it says no: the first three are its own, the others in the same style. */
const SENTENCES: Readonly<Record<RefusalCode, string>> = {
  'card-unavailable': '대여불가상태입니다.',
  'items-not-returned': '모든 도서가 반납되어야 정지를 해제할 수 있습니다.',
  'wrong-amount': '해당 포인트로 연체를 해제할 수 없습니다.',

  'already-rented': '이미 대여한 도서입니다.',
  'book-not-available': '대여 가능한 도서가 아닙니다.',
  'book-not-found': '해당 도서를 찾을 수 없습니다.',
  'book-withdrawn': '폐기된 도서는 대여할 수 없습니다.',
  'card-not-found': '해당 카드를 찾을 수 없습니다.',
  'clearing-in-progress': '연체 해제가 진행 중입니다.',
  expired: '처리 시간이 초과되어 취소되었습니다.',
  'item-not-rented': '대여 중인 도서가 아닙니다.',
  'limit-reached': '이미 5권을 대여했습니다.',
  'member-already-exists': '이미 등록된 회원 아이디입니다.',
  'member-closed': '탈퇴한 회원입니다.',
  'member-not-found': '해당 회원을 찾을 수 없습니다.',
  'not-enough-points': '보유한 포인트가 부족합니다.',
  'rent-in-progress': '해당 도서의 대여가 진행 중입니다.',
  'return-in-progress': '해당 도서의 반납이 진행 중입니다.',
  'too-late': '기한이 지나 처리할 수 없습니다.',
  withdrawn: '취소된 요청입니다.',
};

/** The problem with the sentence of the original system, where that had one to say. */
export function inOriginalWords<Refused extends RefusalCode, Code extends ProblemCode>(
  no: Refusal<Refused> | Problem<Code>,
): Problem<Refused | Code> {
  const answer = isRefusal(no) ? problem(no.refused) : no;
  const { code, detail }: Problem = answer;
  return { ...answer, detail: code in SENTENCES ? SENTENCES[code as RefusalCode] : detail };
}
