package dev.kausal.reports.browser

import dev.kausal.reports.words.run
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.openqa.selenium.Dimension
import org.openqa.selenium.OutputType
import org.openqa.selenium.chrome.ChromeDriver
import org.openqa.selenium.chrome.ChromeDriverService
import org.openqa.selenium.chrome.ChromeOptions
import org.openqa.selenium.logging.LogType
import org.openqa.selenium.logging.LoggingPreferences
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.logging.Level

/** The machine's own Chromium, without a window, driven through its own driver: nothing is downloaded. */
internal class Browser private constructor(
    browser: File,
    driver: File,
) : AutoCloseable {
    /** Where the page's exports land. */
    val downloads: Path = Files.createTempDirectory("kausal-downloads")

    private val page: Path = Files.createTempFile("kausal-page", ".html")
    private val chrome = ChromeDriver(
        ChromeDriverService.Builder().usingDriverExecutable(driver).usingAnyFreePort().build(),
        options(browser),
    )

    private fun options(browser: File) =
        ChromeOptions().apply {
            setBinary(browser)
            addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
            addArguments("--disable-dev-shm-usage", "--force-color-profile=srgb")
            setExperimentalOption("prefs", mapOf("download.default_directory" to downloads.toString()))
            val logs = LoggingPreferences()
            logs.enable(LogType.BROWSER, Level.ALL)
            logs.enable(LogType.PERFORMANCE, Level.ALL)
            setCapability("goog:loggingPrefs", logs)
        }

    /** Opens [html] from a file, [width] pixels wide, with the system's colours [dark] or not. */
    fun open(
        html: String,
        width: Int = 1280,
        dark: Boolean = false,
    ) {
        Files.writeString(page, html)
        size(width)
        val scheme = mapOf("name" to "prefers-color-scheme", "value" to if (dark) "dark" else "light")
        chrome.executeCdpCommand("Emulation.setEmulatedMedia", mapOf("features" to listOf(scheme)))
        console()
        chrome.manage().logs().get(LogType.PERFORMANCE)
        chrome.get(page.toUri().toString())
    }

    /** A viewport of exactly so many pixels, also below what a window may have. */
    fun size(width: Int) {
        val metrics = mapOf("width" to width, "height" to 900, "deviceScaleFactor" to 1, "mobile" to false)
        chrome.manage().window().size = Dimension(width.coerceAtLeast(600), 1000)
        chrome.executeCdpCommand("Emulation.setDeviceMetricsOverride", metrics)
    }

    /** What [script] returns; it sees [arguments] as `arguments`. */
    fun run(
        script: String,
        vararg arguments: Any,
    ): Any? = chrome.executeScript(script, *arguments)

    /** As [run], for a script that gives its result to the callback that is its last argument. */
    fun await(script: String): Any? = chrome.executeAsyncScript(script)

    /** Chooses [value] in the page's own choice labelled [label], for all figures. */
    fun select(
        label: String,
        value: String,
    ) {
        run(
            "const s = [...document.querySelectorAll('.selection select')]" +
                ".find(s => s.parentNode.textContent.startsWith(arguments[0]));" +
                "s.value = arguments[1]; s.dispatchEvent(new Event('change'));",
            label,
            value,
        )
    }

    /** Opens the options of the figure that [css] finds. */
    fun options(css: String) {
        run("document.querySelector(arguments[0] + ' .options').open = true", css)
    }

    /** Moves a real pointer to the middle of the element that [css] finds. */
    fun hover(css: String) {
        pointer("mouseMoved", at(css))
    }

    /** Presses and lets go there. */
    fun click(css: String) {
        val at = at(css)
        listOf("mouseMoved", "mousePressed", "mouseReleased").forEach { pointer(it, at) }
    }

    private fun at(css: String): Pair<Number, Number> {
        val script = "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});" +
            "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2];"
        val (x, y) = (run(script, css) as List<*>).map { it as Number }
        return x to y
    }

    private fun pointer(
        type: String,
        at: Pair<Number, Number>,
    ) {
        val button = if (type == "mouseMoved") "none" else "left"
        val event = mapOf("type" to type, "x" to at.first, "y" to at.second, "button" to button, "clickCount" to 1)
        chrome.executeCdpCommand("Input.dispatchMouseEvent", event)
    }

    /** Presses [key] where the focus is. */
    fun press(key: String) {
        for (type in listOf("keyDown", "keyUp")) {
            chrome.executeCdpCommand("Input.dispatchKeyEvent", mapOf("type" to type, "key" to key, "code" to key))
        }
    }

    fun text(css: String): String = run("return document.querySelector(arguments[0]).textContent", css) as String

    /** What the console said since the page was opened: errors of scripts, and breaches of the policy. */
    fun console(): List<String> = chrome.manage().logs().get(LogType.BROWSER).map { it.message }

    /** Every address that the page asked for, itself aside. */
    fun requests(): List<String> =
        chrome.manage().logs().get(LogType.PERFORMANCE).mapNotNull { entry ->
            val message = Json.parseToJsonElement(entry.message).jsonObject.getValue("message").jsonObject
            message.takeIf {
                it.getValue("method").jsonPrimitive.content == "Network.requestWillBeSent"
            }?.let(::address)
        }.filterNot { it.startsWith("data:") || it.startsWith("blob:") || it == page.toUri().toString() }

    private fun address(message: JsonObject): String =
        message.getValue("params").jsonObject.getValue("request").jsonObject.getValue("url").jsonPrimitive.content

    /** The file that the page saved as [name], once it is whole. */
    fun download(name: String): ByteArray {
        val file = downloads.resolve(name)
        repeat(100) {
            if (Files.exists(file) && Files.size(file) > 0) return Files.readAllBytes(file).also { Files.delete(file) }
            Thread.sleep(100)
        }
        error("The page did not save $name; there is ${downloads.toFile().list().orEmpty().toList()}.")
    }

    /** A picture of the viewport as PNG. */
    fun picture(): ByteArray = chrome.getScreenshotAs(OutputType.BYTES)

    override fun close() {
        chrome.quit()
        Files.deleteIfExists(page)
        downloads.toFile().deleteRecursively()
    }

    companion object {
        private val BROWSERS = listOf("chromium", "chromium-browser", "google-chrome")

        /** Whether this machine has both; says so in one line where not. On CI they must be there. */
        fun available(): Boolean {
            val missing =
                listOfNotNull(
                    "chromium".takeIf { browser() == null },
                    "chromedriver".takeIf {
                        find("chromedriver") ==
                            null
                    },
                )
            if (missing.isEmpty()) return true
            val line = "Browser tests need ${missing.joinToString(
                " and ",
            )} (Debian: apt-get install chromium chromium-driver)."
            check(System.getenv("CI") != "true" && System.getenv("KAUSAL_BROWSER") != "required") { line }
            println("SKIPPED: $line")
            return false
        }

        fun start(): Browser = Browser(checkNotNull(browser()), checkNotNull(find("chromedriver")))

        private fun browser(): File? = BROWSERS.firstNotNullOfOrNull { find(it) }

        private fun find(name: String): File? =
            System.getenv("PATH").orEmpty().split(File.pathSeparator).map {
                File(it, name)
            }.firstOrNull { it.canExecute() }
    }
}
