import { Button } from '@mantine/core'
import { Paperclip } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import { t } from '../../texts/texts.ts'

export function Attach({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <Button
        type="button"
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<Paperclip size={14} aria-hidden />}
        onClick={() => input.current?.click()}
      >
        {t.composer.attach}
      </Button>
    </>
  )
}

/** Files that are dropped anywhere on what is being written. */
export function useDrop(onFiles: (files: readonly File[]) => void) {
  const [isOver, setOver] = useState(false)
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  return {
    isOver,
    handlers: {
      onDragOver(event: DragEvent) {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop(event: DragEvent) {
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(false)
        onFiles([...event.dataTransfer.files])
      },
    },
  }
}
