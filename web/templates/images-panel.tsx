import { Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { describeImage, getImage, type Image, listImages, removeImage } from '../../src/api/endpoints/images.ts'
import styles from '../content/images/images.module.css'
import { Library } from '../content/images/library.tsx'
import { hereOf } from '../content/images/upload.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { bytes } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { toast } from '../ui/toasts.tsx'

export function ImagesPanel() {
  const [open, setOpen] = useState<Image | null>(null)
  return (
    <>
      <Library onOpen={setOpen} act={({ name }) => t.content.images.details(name)} />
      {open && <About key={open.id} image={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function About({ image, onClose }: { image: Image; onClose: () => void }) {
  const says = t.content.images
  const because = whyNot(useMe(), 'campaigns.manage')
  const ask = useAsk()
  const [alt, setAlt] = useState(image.alt)
  const query = useEndpoint(getImage, { id: image.id })
  const save = useAction(describeImage, { changes: [listImages], onDone: () => toast('good', says.saved) })
  const remove = useAction(removeImage, {
    changes: [listImages],
    onDone: () => {
      toast('good', says.removed(image.name))
      onClose()
    },
  })
  async function askAndRemove() {
    const used = (query.data?.campaigns.length ?? 0) + (query.data?.templates.length ?? 0)
    const question = {
      title: says.removeTitle(image.name),
      body: used > 0 ? says.removeUsed(used) : says.removeBody,
      act: says.remove,
      danger: true,
    }
    if (await ask(question)) remove.mutate({ params: { id: image.id, ...(used > 0 && { even_if_used: true }) } })
  }
  return (
    <Dialog title={image.name} onClose={onClose}>
      <div className={styles.about}>
        <img className={styles.large} src={hereOf(image.url)} alt={image.alt} />
        <p className={styles.quiet}>
          {says.size(image.width, image.height)} · {bytes(image.size_bytes)}
        </p>
        <form
          className={styles.bar}
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate({ params: { id: image.id }, body: { alt } })
          }}
        >
          <TextInput
            className={styles.search ?? ''}
            size="sm"
            aria-label={says.alt}
            placeholder={says.alt}
            maxLength={500}
            value={alt}
            onChange={(event) => setAlt(event.currentTarget.value)}
          />
          <Button
            type="submit"
            size="sm"
            variant="default"
            loading={save.isPending}
            disabled={because !== null || alt === image.alt}
          >
            {says.save}
          </Button>
        </form>
        <Loadable query={query}>
          {({ campaigns, templates }) =>
            campaigns.length + templates.length === 0 ? (
              <p className={styles.quiet}>{says.unused}</p>
            ) : (
              <div>
                <p className={styles.quiet}>{says.usedBy}</p>
                <ul className={styles.uses}>
                  {campaigns.map(({ id, name }) => (
                    <li key={id}>
                      <Link to="/campaigns/$id" params={{ id }} search={{}}>
                        {name}
                      </Link>
                    </li>
                  ))}
                  {templates.map(({ id, name }) => (
                    <li key={id}>
                      <Link to="/templates/$id" params={{ id }}>
                        {name}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            )
          }
        </Loadable>
        <div className={styles.bar}>
          <CopyButton text={image.url} label={says.copy} />
          <ActButton
            size="xs"
            variant="light"
            color="red"
            because={because}
            loading={remove.isPending}
            onClick={() => void askAndRemove()}
          >
            {says.remove}
          </ActButton>
        </div>
      </div>
    </Dialog>
  )
}
