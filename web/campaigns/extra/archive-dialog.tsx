import { Button, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { getCampaignArchive, setCampaignArchive } from '../../../src/api/endpoints/campaign-archive.ts'
import type { ReplyOf } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { errorsFor } from '../../ui/field-errors.ts'
import { Form, FormActs } from '../../ui/form.tsx'
import { toast } from '../../ui/toasts.tsx'

interface Props {
  readonly archive: ReplyOf<typeof getCampaignArchive>['archive']
  readonly onClose: () => void
}

export function ArchiveDialog({ archive, onClose }: Props) {
  const [slug, setSlug] = useState(archive?.slug ?? '')
  const [title, setTitle] = useState(archive?.title ?? '')
  const [description, setDescription] = useState(archive?.description ?? '')
  const [isOpen, setOpen] = useState(archive?.is_open ?? true)
  const says = t.campaignSettings.archive
  const save = useAction(setCampaignArchive, {
    changes: [getCampaignArchive],
    quiet: true,
    onDone: () => {
      toast('good', says.saved)
      onClose()
    },
  })
  const errors = errorsFor(save.error, ['/slug', '/title', '/description'])
  return (
    <Dialog title={says.dialog} onClose={onClose}>
      <Form
        onSubmit={() => save.mutate({ body: { slug: slug.trim(), title: title.trim(), description, is_open: isOpen } })}
        problem={errors.rest}
      >
        <TextInput
          label={says.name}
          maxLength={200}
          value={title}
          error={errors.of('/title')}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label={says.slug}
          description={says.slugHint(`${window.location.origin}/a/${slug.trim() || '…'}/`)}
          maxLength={60}
          value={slug}
          error={errors.of('/slug')}
          onChange={(event) => setSlug(event.currentTarget.value.toLowerCase())}
        />
        <Textarea
          label={says.description}
          maxLength={1_000}
          autosize
          minRows={2}
          value={description}
          error={errors.of('/description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Switch
          label={says.isOpen}
          description={says.isOpenHint}
          checked={isOpen}
          onChange={(event) => setOpen(event.currentTarget.checked)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={slug.trim() === '' || title.trim() === ''}>
            {says.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
