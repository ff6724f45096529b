import { Button, Textarea, TextInput } from '@mantine/core'
import { LayoutTemplate } from 'lucide-react'
import { useState } from 'react'
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import { getTemplate, listTemplates, type Template } from '../../src/api/endpoints/templates.ts'
import { call } from '../api.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import { CodeField } from './code-field.tsx'
import styles from './content.module.css'
import { insertInto, useTakesInserts } from './insert.tsx'

type Use = NonNullable<CampaignContent['template']>

/** What fills the slots of a template: a field for each, as long as its kind is. */
export function SlotFields({ use, onChange }: { use: Use; onChange: (use: Use) => void }) {
  const query = useEndpoint(getTemplate, { id: use.id })
  if (query.error) return <Note tone="bad">{t.content.templateGone}</Note>
  return (
    <Loadable query={query}>
      {({ slots }) =>
        slots.length === 0 ? (
          <p className={styles.quiet}>{t.content.noSlots}</p>
        ) : (
          <div className={styles.slots}>
            {slots.map((slot) => (
              <SlotField
                key={slot.name}
                slot={slot}
                value={use.slots[slot.name] ?? ''}
                onChange={(value) => onChange({ ...use, slots: { ...use.slots, [slot.name]: value } })}
              />
            ))}
            <p className={styles.quiet}>{t.content.templateFollows}</p>
          </div>
        )
      }
    </Loadable>
  )
}

function SlotField({
  slot,
  value,
  onChange,
}: {
  slot: Template['slots'][number]
  value: string
  onChange: (value: string) => void
}) {
  const takes = useTakesInserts()
  const label = slot.name.replace(/[-_]/g, ' ').replace(/^./, (letter) => letter.toUpperCase())
  switch (slot.kind) {
    case 'line':
      return (
        <TextInput
          label={label}
          placeholder={slot.text.trim()}
          value={value}
          onFocus={({ currentTarget }) => takes((text) => insertInto(currentTarget, text))}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'markdown':
      return (
        <Textarea
          autosize
          minRows={4}
          maxRows={20}
          label={label}
          description={t.content.slotKinds.markdown}
          placeholder={slot.text.trim()}
          value={value}
          onFocus={({ currentTarget }) => takes((text) => insertInto(currentTarget, text))}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'raw':
      return (
        <div>
          <p className={styles.label}>{label}</p>
          <p className={styles.quiet}>{t.content.slotKinds.raw}</p>
          <CodeField label={label} value={value} onChange={onChange} />
        </div>
      )
  }
}

/** Which template, and whether its slots are filled or a copy of it is changed. */
export function ChooseTemplate({
  onUse,
  onCopy,
  onClose,
}: {
  onUse: (id: Use['id']) => void
  onCopy: (template: Template) => void
  onClose: () => void
}) {
  const query = useEndpoint(listTemplates, {})
  const [chosen, setChosen] = useState<Use['id'] | null>(null)
  const copy = (id: Use['id']) =>
    call(getTemplate, { params: { id } }).then(onCopy, (error: Error) => {
      toast('bad', error.message)
    })
  return (
    <Dialog wide title={t.content.chooseTemplate} onClose={onClose}>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.quiet}>{t.content.noTemplates}</p>
          ) : (
            <>
              <ul className={styles.templates}>
                {items.map(({ id, name, description, slots, format }) => (
                  <li key={id}>
                    <button type="button" className={styles.template} aria-pressed={id === chosen} onClick={() => setChosen(id)}>
                      <LayoutTemplate size={16} aria-hidden />
                      <span className={styles.templateWords}>
                        <b>{name}</b>
                        <span className={styles.quiet}>
                          {[t.content.formats[format], t.content.templates.slots(slots.length), description]
                            .filter(Boolean)
                            .join(' · ')}
                        </span>
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
              <div className={styles.ways}>
                <div>
                  <Button disabled={chosen === null} onClick={() => chosen && onUse(chosen)}>
                    {t.content.fillSlots}
                  </Button>
                  <p className={styles.quiet}>{t.content.fillSlotsHint}</p>
                </div>
                <div>
                  <Button variant="default" disabled={chosen === null} onClick={() => chosen && void copy(chosen)}>
                    {t.content.beginWithCopy}
                  </Button>
                  <p className={styles.quiet}>{t.content.beginWithCopyHint}</p>
                </div>
              </div>
            </>
          )
        }
      </Loadable>
    </Dialog>
  )
}
