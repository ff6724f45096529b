import type { Form as Known } from '../../forms/form.ts'
import type { StateCount } from '../../forms/forms.ts'
import { REASON_WORDS, SUBMISSION_STATES, type Submission } from '../../forms/submission.ts'
import type { FormSubmission, FormSummary } from '../endpoints/forms.ts'

export function toFormSummary(form: Known, counts: readonly StateCount[], url: string, hasChanges: boolean): FormSummary {
  const of = (state: Submission['state']) => counts.find((one) => one.formId === form.id && one.state === state)?.n ?? 0
  return {
    id: form.id,
    name: form.name,
    slug: form.slug,
    state: form.state,
    version: form.version,
    has_changes: hasChanges,
    url: `${url}/f/${form.slug}`,
    submissions: Object.fromEntries(SUBMISSION_STATES.map((state) => [state, of(state)])) as FormSummary['submissions'],
    created_at: form.createdAt,
    updated_at: form.updatedAt,
    published_at: form.publishedAt,
  }
}

export function toFormSubmission(said: Submission): FormSubmission {
  return {
    id: said.id,
    version: said.version,
    state: said.state,
    reason: said.reason,
    sentence: said.reason === '' ? '' : REASON_WORDS[said.reason],
    address: said.address,
    answers: { ...said.answers },
    lists: said.lists as FormSubmission['lists'],
    consents: [...said.consents],
    ip: said.ip,
    page: said.page,
    at: said.at,
    confirm_by: said.confirmBy,
    settled_at: said.settledAt,
    contact_id: said.contactId,
    message_id: said.messageId,
  }
}
