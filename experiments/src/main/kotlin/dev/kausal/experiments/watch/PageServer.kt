package dev.kausal.experiments.watch

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import java.io.IOException
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.security.SecureRandom
import java.util.HexFormat
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/**
 * Serves the report of a watched script to browsers on this machine. It listens on the loopback address only, under a path that
 * cannot be guessed, and answers requests whose `Host` is this machine's own, so that no page of another site can reach it by a
 * name that resolves here. It serves what it is given, never files.
 *
 * @param port port; 0 for any free one
 * @param name what the page is called before the first report
 * @throws PortTakenException if [port] is in use
 */
internal class PageServer(
    port: Int,
    name: String,
) : AutoCloseable {
    /** What browsers are shown: a page, its number, and a message beside it. */
    private class Shown(
        val number: Int,
        val page: String,
        val report: Int,
        val state: String,
        val text: String = "",
    ) {
        fun event(): String = buildJsonObject {
            put("report", report)
            put("state", state)
            put("text", text)
        }.toString()
    }

    private val lock = ReentrantLock()
    private val news = lock.newCondition()
    private var shown = Shown(0, ServedPage.waiting(name), 0, "running")
    private var closed = false
    private val listening = AtomicInteger()
    private val path = "/" + HexFormat.of().formatHex(ByteArray(TOKEN).also(SecureRandom()::nextBytes)) + "/"
    private val threads = Executors.newCachedThreadPool { Thread(it, "kausal-page").apply { isDaemon = true } }
    private val http: HttpServer =
        try {
            HttpServer.create(InetSocketAddress(InetAddress.getByAddress("127.0.0.1", LOOPBACK), port), 0)
        } catch (e: BindException) {
            throw PortTakenException(port, e)
        }

    /** Address of the page. */
    val address: URI = URI("http://127.0.0.1:${http.address.port}$path")

    init {
        http.executor = threads
        http.createContext("/", ::answer)
        http.start()
    }

    /** Shows [page], a report, and no message. */
    fun report(page: String): Unit =
        show { Shown(it.number + 1, ServedPage.of(page, it.report + 1), it.report + 1, "report") }

    /** Shows [text], the mistakes of the script, beside the last report. */
    fun mistakes(text: String): Unit = show { Shown(it.number + 1, it.page, it.report, "mistakes", text) }

    /** Shows that the script runs. */
    fun running(): Unit = show { Shown(it.number + 1, it.page, it.report, "running") }

    private fun show(next: (Shown) -> Shown) {
        lock.withLock {
            shown = next(shown)
            news.signalAll()
        }
    }

    private fun answer(exchange: HttpExchange) {
        exchange.use {
            val requested = it.requestURI.path
            when {
                !isOwn(it.requestHeaders.getFirst("Host")) -> refuse(it, FORBIDDEN)
                requested != path && requested != "${path}events" -> refuse(it, NOT_FOUND)
                it.requestMethod != "GET" -> refuse(it, NOT_ALLOWED)
                requested == path -> page(it)
                listening.incrementAndGet() <= MOST_LISTENING -> listen(it)
                else -> refuse(it, BUSY).also { listening.decrementAndGet() }
            }
        }
    }

    private fun isOwn(host: String?): Boolean = host != null && host.substringBeforeLast(':') in NAMES

    private fun page(exchange: HttpExchange) {
        val page = lock.withLock { shown.page }.toByteArray()
        headers(exchange, "text/html; charset=utf-8")
        exchange.responseHeaders.set("Content-Security-Policy", "frame-ancestors 'none'")
        exchange.sendResponseHeaders(OK, page.size.toLong())
        exchange.responseBody.write(page)
    }

    /** Sends the present state, and each new one, until the browser or the server closes. */
    private fun listen(exchange: HttpExchange) {
        try {
            headers(exchange, "text/event-stream; charset=utf-8")
            exchange.sendResponseHeaders(OK, 0)
            var told = -1
            while (true) {
                val event = lock.withLock {
                    if (!closed && shown.number == told) news.await(HEARTBEAT, TimeUnit.SECONDS)
                    if (closed) return
                    shown.takeIf { it.number != told }
                }
                exchange.responseBody.write((event?.let { "data: ${it.event()}\n\n" } ?: ":\n\n").toByteArray())
                exchange.responseBody.flush()
                event?.let { told = it.number }
            }
        } catch (_: IOException) {
            // The browser has closed the page.
        } catch (_: InterruptedException) {
            // The server closes.
        } finally {
            listening.decrementAndGet()
        }
    }

    private fun headers(exchange: HttpExchange, type: String) {
        exchange.responseHeaders.apply {
            set("Content-Type", type)
            set("Cache-Control", "no-store")
            set("X-Content-Type-Options", "nosniff")
            set("Referrer-Policy", "no-referrer")
            set("Cross-Origin-Resource-Policy", "same-origin")
        }
    }

    private fun refuse(exchange: HttpExchange, code: Int): Unit = exchange.sendResponseHeaders(code, -1)

    override fun close() {
        lock.withLock {
            closed = true
            news.signalAll()
        }
        http.stop(0)
        threads.shutdownNow()
    }

    private companion object {
        val LOOPBACK = byteArrayOf(127, 0, 0, 1)
        val NAMES = setOf("127.0.0.1", "localhost")
        const val TOKEN = 16
        const val HEARTBEAT = 15L
        const val MOST_LISTENING = 32
        const val OK = 200
        const val FORBIDDEN = 403
        const val NOT_FOUND = 404
        const val NOT_ALLOWED = 405
        const val BUSY = 503
    }
}

/** The port for the page is in use. */
internal class PortTakenException(
    port: Int,
    cause: Throwable,
) : KausalException(
        Blame.USER,
        "Port $port of this machine is in use. Choose another --port, or leave it out for a free one.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
