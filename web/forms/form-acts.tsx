import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ExternalLink, Radio } from 'lucide-react'
import { type Form, getForm, listForms, publishForm, removeForm, unpublishForm } from '../../src/api/endpoints/forms.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

interface ActsProps {
  readonly form: Form
  readonly flush: () => Promise<boolean>
  readonly because: string | null
}

/** What can be done with a form as a whole. */
export function FormActs({ form, flush, because }: ActsProps) {
  const navigate = useNavigate()
  const ask = useAsk()
  const changes = [getForm, listForms]
  const publish = useAction(publishForm, { changes, onDone: () => toast('good', t.forms.published) })
  const close = useAction(unpublishForm, { changes, onDone: () => toast('good', t.forms.closed) })
  const remove = useAction(removeForm, {
    changes: [listForms],
    onDone: () => {
      toast('good', t.forms.removed)
      void navigate({ to: '/forms' })
    },
  })
  const { id, name, state, missing, has_changes: hasChanges, url } = form
  const isPublished = state === 'published'
  const unsaid = missing[0]?.sentence ?? (isPublished && !hasChanges ? t.forms.nothingNew : null)
  /** What was typed last is part of what is published. */
  async function publishSaved() {
    if (await flush()) publish.mutate({ params: { id } })
  }
  async function closeAsked() {
    if (await ask({ title: t.forms.closeTitle(name), body: t.forms.closeBody, act: t.forms.close }))
      close.mutate({ params: { id } })
  }
  async function removeAsked() {
    if (await ask({ title: t.forms.removeTitle(name), body: t.forms.removeBody, act: t.forms.remove }))
      remove.mutate({ params: { id } })
  }
  return (
    <>
      {isPublished && (
        <Button
          component="a"
          href={url}
          target="_blank"
          rel="noopener"
          variant="default"
          leftSection={<ExternalLink size={15} aria-hidden />}
        >
          {t.forms.open}
        </Button>
      )}
      {isPublished ? (
        <ActButton variant="default" because={because} loading={close.isPending} onClick={() => void closeAsked()}>
          {t.forms.close}
        </ActButton>
      ) : (
        <ActButton variant="default" because={because} loading={remove.isPending} onClick={() => void removeAsked()}>
          {t.forms.remove}
        </ActButton>
      )}
      <ActButton
        because={because ?? unsaid}
        loading={publish.isPending}
        leftSection={<Radio size={15} aria-hidden />}
        onClick={() => void publishSaved()}
      >
        {isPublished ? t.forms.publishAgain : t.forms.publish}
      </ActButton>
    </>
  )
}
