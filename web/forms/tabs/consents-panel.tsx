import { ActionIcon, Button, Checkbox, Textarea } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import type { FormConsent } from '../../../src/forms/form.ts'
import { t } from '../../texts/texts.ts'
import { Panel } from '../../ui/panel.tsx'
import { useFocusNext } from '../../ui/use-focus-next.ts'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

/** The boxes that people tick. */
export function ConsentsPanel({ settings: { consents }, set }: PartProps) {
  const add = () => {
    let n = consents.length + 1
    while (consents.some(({ key }) => key === `box_${n}`)) n++
    set({ consents: [...consents, { key: `box_${n}`, text: t.forms.consentText, required: true }] })
  }
  const change = (key: string, said: Partial<FormConsent>) =>
    set({ consents: consents.map((one) => (one.key === key ? { ...one, ...said } : one)) })
  const adder = useRef<HTMLButtonElement>(null)
  const focusNext = useFocusNext()
  function drop(at: number) {
    focusNext(() => adder.current)
    set({ consents: consents.filter((_, i) => i !== at) })
  }
  const addAct = (
    <Button ref={adder} size="compact-sm" variant="default" leftSection={<Plus size={13} aria-hidden />} onClick={add}>
      {t.forms.addConsent}
    </Button>
  )
  return (
    <Panel title={t.forms.consents} aside={addAct}>
      <p className={styles.quiet}>{consents.length === 0 ? t.forms.noConsents : t.forms.consentsHint}</p>
      {consents.map((one, at) => (
        <div key={one.key} className={styles.box}>
          <Textarea
            label={`${t.forms.consent(at + 1)}: ${t.forms.consentText}`}
            description={t.forms.consentTextHint}
            autosize
            minRows={2}
            maxLength={2_000}
            value={one.text}
            onChange={(event) => change(one.key, { text: event.currentTarget.value })}
          />
          <div className={styles.boxHead}>
            <Checkbox
              label={t.forms.consentRequired}
              checked={one.required}
              onChange={(event) => change(one.key, { required: event.currentTarget.checked })}
            />
            <ActionIcon variant="subtle" color="gray" aria-label={t.forms.drop(t.forms.consent(at + 1))} onClick={() => drop(at)}>
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </div>
        </div>
      ))}
    </Panel>
  )
}
