package dev.kausal.reports.browser

import io.kotest.core.spec.style.FunSpec

/** Tests of pages in a browser, which all of them share. */
abstract class BrowserSpec(
    body: BrowserSpec.() -> Unit,
) : FunSpec() {
    private val there = Browser.available()
    private val browser = lazy { Browser.start() }

    init {
        afterSpec { if (browser.isInitialized()) browser.value.close() }
        body()
    }

    /** Declares a test that is skipped where there is no browser. */
    internal fun browsing(
        name: String,
        check: Browser.() -> Unit,
    ) {
        test(name).config(enabled = there) { browser.value.check() }
    }
}
