import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeRule, createRule, type Rule } from '../../src/api/endpoints/routing.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { ConditionFields } from './condition-fields.tsx'
import { bodyOf, draftOf, type RuleDraft } from './rule-draft.ts'
import { TargetFields } from './target-fields.tsx'
import { TripFields } from './trip-fields.tsx'
import { RULE_CHANGES } from './use-rule-acts.ts'

/** Which mail, where to, and when a route is left alone: in this order, each readable as a sentence while it is filled in. */
export function RuleForm({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule))
  const [missing, setMissing] = useState<Missing | null>(null)
  const set = (change: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...change }))
  const done = {
    quiet: true,
    changes: RULE_CHANGES,
    onDone: ({ name }: Rule) => {
      toast('good', t.rules.saved(name))
      onClose()
    },
  }
  const create = useAction(createRule, done)
  const change = useAction(changeRule, done)
  const errors = errorsFor(create.error ?? change.error, ['/name'])

  function submit() {
    const lacks = missingIn(draft)
    setMissing(lacks)
    if (lacks) return
    if (rule) change.mutate({ params: { id: rule.id }, body: bodyOf(draft) })
    else create.mutate({ body: bodyOf(draft) })
  }
  return (
    <Dialog title={rule ? t.ruleForm.titleEdit(rule.name) : t.ruleForm.titleNew} onClose={onClose} wide>
      <Form problem={errors.rest} onSubmit={submit}>
        <TextInput
          label={t.ruleForm.name}
          description={t.ruleForm.nameHint}
          value={draft.name}
          error={errors.of('/name') ?? (missing === 'name' && t.ruleForm.needsName)}
          maxLength={100}
          data-autofocus
          required
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <ConditionFields conditions={draft.conditions} onChange={(conditions) => set({ conditions })} />
        <TargetFields
          targets={draft.targets}
          error={missing === 'route' ? t.ruleForm.needsRoute : null}
          onChange={(targets) => set({ targets })}
        />
        <TripFields
          draft={draft}
          error={missing === 'trip' ? t.ruleForm.needsTripKind : null}
          onChange={(hasTrip, trip) => set({ hasTrip, trip })}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {rule ? t.ruleForm.save : t.ruleForm.add}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

type Missing = 'name' | 'route' | 'trip'

/** What the server would refuse, said beside its field. */
function missingIn({ name, targets, hasTrip, trip }: RuleDraft): Missing | null {
  if (name.trim() === '') return 'name'
  if (targets.every(({ routeId }) => routeId === null)) return 'route'
  return hasTrip && trip.classes.length === 0 ? 'trip' : null
}
