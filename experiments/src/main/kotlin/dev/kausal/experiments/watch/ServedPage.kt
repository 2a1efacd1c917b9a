package dev.kausal.experiments.watch

import java.security.MessageDigest
import java.util.Base64

/**
 * A page as it is served: with a script that reloads it after a run, and shows the mistakes of the script. The page's content-security
 * policy allows that script, by its hash, and a connection to the server that served it. The page on disk has neither.
 */
internal object ServedPage {
    private const val SCRIPTS = "script-src '"
    private const val HEAD = "<head>"
    private const val END = "</body>"

    private val script: String by lazy {
        checkNotNull(ServedPage::class.java.getResource("refresh.js")) { "refresh.js is not in the jar" }.readText()
    }

    private val hash: String by lazy {
        val digest = MessageDigest.getInstance("SHA-256").digest(script.toByteArray())
        "sha256-" + Base64.getEncoder().encodeToString(digest)
    }

    /** Returns [page], a report, as number [version] of the pages served. */
    fun of(page: String, version: Int): String {
        val policy = page.indexOf(SCRIPTS)
        val end = page.lastIndexOf(END)
        check(policy in 0 until page.indexOf("</head>") && end > policy) { "not a report" }
        return buildString(page.length + script.length) {
            append(page, 0, policy)
            append("connect-src 'self'; script-src '$hash' '")
            append(page, policy + SCRIPTS.length, end)
            append("<script>$script</script>")
            append(page, end, page.length)
        }.replaceFirst(HEAD, "$HEAD<meta name=\"kausal-version\" content=\"$version\">")
    }

    /** Returns the page that is served before the first report. */
    fun waiting(name: String): String {
        val shown = name.replace("&", "&amp;").replace("<", "&lt;")
        val policy = "default-src 'none'; ${SCRIPTS}sha256-'; base-uri 'none'; form-action 'none'"
        val head = "$HEAD<meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"$policy\">" +
            "<meta name=\"color-scheme\" content=\"light dark\"><title>$shown</title></head>"
        return of("<!DOCTYPE html>\n<html lang=\"en\">$head<body><main><h1>$shown</h1></main></body></html>\n", 0)
    }
}
