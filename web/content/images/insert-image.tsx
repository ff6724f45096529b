import { Button } from '@mantine/core'
import { ImageIcon } from 'lucide-react'
import { useState } from 'react'
import type { Image } from '../../../src/api/endpoints/images.ts'
import type { ContentFormat } from '../../../src/templates/content.ts'
import { t } from '../../texts/texts.ts'
import { useInsert } from '../insert.tsx'
import { ImagePicker } from './image-picker.tsx'

/** Blocks have images of their own, and text has none. */
export function InsertImage({ format }: { format: ContentFormat }) {
  const insert = useInsert()
  const [isOpen, setIsOpen] = useState(false)
  if (format === 'blocks' || format === 'text') return null
  return (
    <>
      <Button size="xs" variant="default" leftSection={<ImageIcon size={13} aria-hidden />} onClick={() => setIsOpen(true)}>
        {t.content.images.title}
      </Button>
      {isOpen && (
        <ImagePicker
          onClose={() => setIsOpen(false)}
          onChoose={(image) => {
            setIsOpen(false)
            // The dialog gives the focus back first.
            setTimeout(() => insert(markupOf(format, image)), 50)
          }}
        />
      )}
    </>
  )
}

function markupOf(format: ContentFormat, { url, alt, width }: Image): string {
  const words = alt.replace(/[<>"[\]]/g, '')
  if (format === 'markdown') return `![${words}](${url})`
  const shown = Math.min(width, 600)
  return format === 'mjml'
    ? `<mj-image src="${url}" alt="${words}" width="${shown}px" />`
    : `<img src="${url}" alt="${words}" width="${shown}" style="max-width:100%;height:auto">`
}
