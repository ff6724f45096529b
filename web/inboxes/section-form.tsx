import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMe, whyNot } from '../me.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Panel } from '../ui/panel.tsx'

interface Props {
  readonly title: string
  readonly section: { readonly save: () => void; readonly errors: { readonly rest: string | null }; readonly isSaving: boolean }
  readonly children: ReactNode
}

/** One part of the settings with its own button: what is changed beside it stays as it is. */
export function SectionForm({ title, section, children }: Props) {
  const because = whyNot(useMe(), 'inboxes.manage')
  return (
    <Panel title={title}>
      <Form onSubmit={section.save} problem={section.errors.rest}>
        {children}
        <FormActs>
          {because === null ? (
            <Button type="submit" loading={section.isSaving}>
              {t.inboxes.save}
            </Button>
          ) : (
            <ActButton because={because}>{t.inboxes.save}</ActButton>
          )}
        </FormActs>
      </Form>
    </Panel>
  )
}
