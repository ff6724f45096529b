import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

/** A link to an address of this console that is only known as text. Modified clicks stay the browser's. */
export function AppLink({
  href,
  className,
  children,
  onFollow,
}: {
  href: string
  className?: string | undefined
  children: ReactNode
  onFollow?: () => void
}) {
  const router = useRouter()
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    onFollow?.()
    router.history.push(href)
  }
  return (
    <a href={href} className={className} onClick={follow}>
      {children}
    </a>
  )
}
