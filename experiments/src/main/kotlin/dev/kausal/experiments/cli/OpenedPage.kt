package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.option
import dev.kausal.bundle.BundleFiles
import java.net.URI
import java.nio.file.Path

/** Declares the option to open the page that a command writes. */
internal fun CliktCommand.openOption() = option("--open", help = "Opens the report in the browser").flag()

/** Prints where the bundle in [folder] is, and opens its page if [open]. */
internal fun Session.told(folder: Path, open: Boolean) {
    console.say("bundle  $folder")
    toldPage(folder.resolve(BundleFiles.REPORT), open)
}

/** Prints where [page] is, and opens it if [open]. */
internal fun Session.toldPage(page: Path, open: Boolean) {
    console.say("report  $page")
    if (open) openPage(page.toAbsolutePath().normalize().toUri())
}

/** Opens the page at [address]. */
internal fun Session.openPage(address: URI) {
    if (!opener.open(address)) console.complain("found no browser to open it: set BROWSER, or open it yourself")
}
