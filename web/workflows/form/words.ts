/** How choices of configs are called on forms: by the field they stand in, from the catalogue of texts. */
import { t } from '../../texts/texts.ts'

/** `path`: of the field, as in `arms.0.event`, or a field's name in conditions, as in `conversation.status`. */
export function choiceLabel(path: string, value: string): string {
  return t.workflowForms.choices[fieldIn(path)]?.[value] ?? value
}

/** What helps to fill a field in, where there is something to say. */
export function hintOf(type: string | undefined, path: string): string | undefined {
  const field = fieldIn(path)
  return t.workflowForms.hints[`${type} ${field}`] ?? t.workflowForms.hints[field]
}

/** The last word of a path that is no number. */
function fieldIn(path: string): string {
  return path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''
}
