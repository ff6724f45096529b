import { ActionIcon, Popover, TextInput } from '@mantine/core'
import Image from '@tiptap/extension-image'
import { Placeholder } from '@tiptap/extensions'
import { type Editor, EditorContent, useEditor, useEditorState } from '@tiptap/react'
import StarterKit from '@tiptap/starter-kit'
import { Bold, Code, Italic, Link as LinkIcon, List, ListOrdered, type LucideIcon, TextQuote } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { t } from '../../texts/texts.ts'
import { Mention } from './mention.ts'
import styles from './rich-text.module.css'

export interface RichTextProps {
  readonly label: string
  readonly initial: string
  readonly placeholder?: string
  readonly autoFocus?: boolean
  readonly onChange: (html: string) => void
  readonly onSubmit?: () => void
  /** Files that were pasted; the editor's text is not. */
  readonly onFiles?: (files: readonly File[], editor: Editor) => void
  readonly onEditor?: (editor: Editor) => void
  /** True: the key was taken. */
  readonly onKey?: (event: KeyboardEvent, editor: Editor) => boolean
  /** Beside the tools. */
  readonly tools?: ReactNode
  readonly children?: (editor: Editor) => ReactNode
}

/** Text as a mail can hold it: bold, italic, lists, links, quotes, code, pictures. What is pasted is kept to that. */
export function RichText(props: RichTextProps) {
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const editor = useEditor({
    // The policy refuses style elements: its style sheet is ours.
    injectCSS: false,
    content: props.initial,
    autofocus: props.autoFocus ? 'end' : false,
    extensions: [
      StarterKit.configure({
        heading: false,
        horizontalRule: false,
        link: { openOnClick: false, autolink: true, protocols: ['mailto', 'tel'] },
      }),
      Image.configure({ inline: true }),
      Mention,
      Placeholder.configure({ placeholder: props.placeholder ?? '' }),
    ],
    editorProps: {
      attributes: { 'aria-label': props.label, role: 'textbox', 'aria-multiline': 'true', class: styles.content ?? '' },
      handleKeyDown: (_, event) => {
        const now = latest.current
        if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
          now.onSubmit?.()
          return now.onSubmit !== undefined
        }
        return made.current !== null && (now.onKey?.(event, made.current) ?? false)
      },
      handlePaste: (_, event) => takeFiles(event.clipboardData),
      handleDrop: (_, event) => takeFiles(event.dataTransfer),
    },
    onUpdate: ({ editor: changed }) => latest.current.onChange(changed.isEmpty ? '' : changed.getHTML()),
  })
  const made = useRef<Editor | null>(null)
  function takeFiles(transfer: DataTransfer | null): boolean {
    const files = [...(transfer?.files ?? [])]
    if (files.length === 0 || !latest.current.onFiles || made.current === null) return false
    latest.current.onFiles(files, made.current)
    return true
  }
  useEffect(() => {
    made.current = editor
    if (editor) latest.current.onEditor?.(editor)
  }, [editor])
  if (!editor) return null
  return (
    <div className={styles.box}>
      <EditorContent editor={editor} className={styles.editor} />
      {props.children?.(editor)}
      <Tools editor={editor}>{props.tools}</Tools>
    </div>
  )
}

interface Tool {
  readonly name: 'bold' | 'italic' | 'bulletList' | 'orderedList' | 'blockquote' | 'codeBlock'
  readonly label: string
  readonly icon: LucideIcon
  readonly run: (editor: Editor) => void
}

function Tools({ editor, children }: { editor: Editor; children: ReactNode }) {
  const tools: readonly Tool[] = [
    { name: 'bold', label: t.composer.bold, icon: Bold, run: (e) => e.chain().focus().toggleBold().run() },
    { name: 'italic', label: t.composer.italic, icon: Italic, run: (e) => e.chain().focus().toggleItalic().run() },
    { name: 'bulletList', label: t.composer.bullets, icon: List, run: (e) => e.chain().focus().toggleBulletList().run() },
    {
      name: 'orderedList',
      label: t.composer.numbers,
      icon: ListOrdered,
      run: (e) => e.chain().focus().toggleOrderedList().run(),
    },
    { name: 'blockquote', label: t.composer.quote, icon: TextQuote, run: (e) => e.chain().focus().toggleBlockquote().run() },
    { name: 'codeBlock', label: t.composer.code, icon: Code, run: (e) => e.chain().focus().toggleCodeBlock().run() },
  ]
  const active = useEditorState({ editor, selector: ({ editor: e }) => tools.map(({ name }) => e.isActive(name)) })
  return (
    <div className={styles.tools} role="toolbar" aria-label={t.composer.text}>
      {tools.map(({ name, label, icon: Icon, run }, i) => (
        <ActionIcon
          key={name}
          variant={active[i] ? 'light' : 'subtle'}
          color={active[i] ? 'petrol' : 'gray'}
          size="md"
          aria-label={label}
          title={label}
          aria-pressed={active[i] ?? false}
          onClick={() => run(editor)}
        >
          <Icon size={15} aria-hidden />
        </ActionIcon>
      ))}
      <LinkTool editor={editor} />
      {children}
    </div>
  )
}

function LinkTool({ editor }: { editor: Editor }) {
  const [href, setHref] = useState<string | null>(null)
  const isActive = useEditorState({ editor, selector: ({ editor: e }) => e.isActive('link') })
  function set() {
    const target = href?.trim() ?? ''
    const chain = editor.chain().focus().extendMarkRange('link')
    const whole = /^[a-z]+:/i.test(target) ? target : target.includes('@') ? `mailto:${target}` : `https://${target}`
    if (target === '') chain.unsetLink().run()
    else if (editor.state.selection.empty && !isActive)
      chain.insertContent({ type: 'text', text: target, marks: [{ type: 'link', attrs: { href: whole } }] }).run()
    else chain.setLink({ href: whole }).run()
    setHref(null)
  }
  return (
    <Popover opened={href !== null} onChange={(open) => open || setHref(null)} trapFocus position="top" withinPortal>
      <Popover.Target>
        <ActionIcon
          variant={isActive ? 'light' : 'subtle'}
          color={isActive ? 'petrol' : 'gray'}
          size="md"
          aria-label={t.composer.link}
          title={t.composer.link}
          aria-pressed={isActive}
          onClick={() => setHref(editor.getAttributes('link').href ?? '')}
        >
          <LinkIcon size={15} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <TextInput
          aria-label={t.composer.linkPrompt}
          placeholder="https://"
          value={href ?? ''}
          onChange={(event) => setHref(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            set()
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
