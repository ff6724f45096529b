import type { Image } from '../../../src/api/endpoints/images.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Library } from './library.tsx'

export function ImagePicker({ onChoose, onClose }: { onChoose: (image: Image) => void; onClose: () => void }) {
  return (
    <Dialog wide title={t.content.images.choose} onClose={onClose}>
      <Library onOpen={onChoose} act={({ name }) => `${t.content.images.use}: ${name}`} />
    </Dialog>
  )
}
