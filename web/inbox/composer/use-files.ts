import type { Editor } from '@tiptap/react'
import { useState } from 'react'
import type { UploadView } from '../../../src/api/endpoints/answers.ts'
import { addressOfUpload, upload } from './uploads.ts'

/** What is attached to something that is being written. `name` keeps what was added among its files. */
export function useFiles(initial: readonly UploadView[], name: (ids: readonly UploadView['id'][]) => void) {
  const [uploads, setUploads] = useState(initial)
  const [uploading, setUploading] = useState<readonly string[]>([])

  function add(more: readonly UploadView[]) {
    setUploads((all) => [...all, ...more.filter(({ id }) => !all.some((each) => each.id === id))])
    name(more.map(({ id }) => id))
  }
  return {
    uploads,
    uploading,
    add,
    /** Pictures go into the text, where there is one. */
    async attach(files: readonly File[], into: Editor | null) {
      for (const file of files) {
        setUploading((all) => [...all, file.name])
        const done = await upload(file)
        setUploading((all) => all.filter((each) => each !== file.name))
        if (!done) continue
        if (into && done.is_picture)
          into
            .chain()
            .focus()
            .setImage({ src: addressOfUpload(done.id), alt: done.filename })
            .run()
        else add([done])
      }
    },
  }
}
