import { Button, FileButton, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { ImagePlus, Search } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { type Image, listImages } from '../../../src/api/endpoints/images.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf, usePages } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { toast } from '../../ui/toasts.tsx'
import { useLate } from '../use-late.ts'
import styles from './images.module.css'
import { handIn, hereOf } from './upload.ts'

const KINDS = 'image/png,image/jpeg,image/gif,image/webp'

interface Props {
  readonly onOpen: (image: Image) => void
  /** What opening one means. */
  readonly act: (image: Image) => string
}

/** All images, newest first; new ones by the button or dropped. */
export function Library({ onOpen, act }: Props) {
  const says = t.content.images
  const because = whyNot(useMe(), 'campaigns.manage')
  const client = useQueryClient()
  const [search, setSearch] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const [isOver, setIsOver] = useState(false)
  const late = useLate(search.trim(), 250)
  const { items, hasMore, more, isPending } = usePages(listImages, late === '' ? {} : { search: late }, 60)
  async function take(files: readonly File[]) {
    setIsBusy(true)
    for (const file of files) {
      const image = await handIn(file)
      if (image) toast('good', says.added(image.name))
    }
    setIsBusy(false)
    await client.invalidateQueries({ queryKey: keyOf(listImages) })
  }
  function onDrop(event: DragEvent) {
    event.preventDefault()
    setIsOver(false)
    if (because === null) void take([...event.dataTransfer.files])
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same
    <div
      className={styles.library}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <div className={styles.bar}>
        <TextInput
          size="sm"
          className={styles.search ?? ''}
          aria-label={says.search}
          placeholder={says.search}
          leftSection={<Search size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <FileButton multiple accept={KINDS} onChange={(files) => void take(files)}>
          {(props) => (
            <ActButton {...props} size="sm" because={because} loading={isBusy} leftSection={<ImagePlus size={15} aria-hidden />}>
              {says.add}
            </ActButton>
          )}
        </FileButton>
      </div>
      {items.length === 0 && !isPending && (
        <div className={styles.none}>
          <p>{late === '' ? says.none : says.notFound}</p>
          <p className={styles.quiet}>
            {says.drop}. {says.kinds}
          </p>
        </div>
      )}
      <ul className={styles.grid} aria-label={says.title}>
        {items.map((image) => (
          <li key={image.id}>
            <button
              type="button"
              className={styles.tile}
              title={act(image)}
              aria-label={act(image)}
              onClick={() => onOpen(image)}
            >
              <img src={hereOf(image.url)} alt={image.alt} loading="lazy" />
              <span className={styles.name}>{image.name}</span>
              <span className={styles.quiet}>{says.size(image.width, image.height)}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button variant="default" size="xs" onClick={more}>
          {t.common.more}
        </Button>
      )}
    </div>
  )
}
