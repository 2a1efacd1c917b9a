package dev.kausal.experiments.watch

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration

private const val PAGE =
    "<!DOCTYPE html>\n<html><head><meta content=\"default-src 'none'; script-src 'sha256-x'\"></head>" +
        "<body><p>one</p></body></html>\n"

/** The page of a watched script reaches browsers of this machine, and nobody else. */
class PageServerTest :
    FunSpec({
        val server = PageServer(0, "a <b> script")
        afterSpec { server.close() }
        val client = HttpClient.newHttpClient()

        fun get(address: URI) = client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())

        /** Sends a request by hand, since Java's client sets the header `Host` itself. */
        fun status(path: String, host: String, method: String = "GET"): String =
            Socket(InetAddress.getByName("127.0.0.1"), server.address.port).use { socket ->
                val request = "$method $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n"
                socket.getOutputStream().write(request.toByteArray())
                socket.getInputStream().bufferedReader().readLine().split(" ")[1]
            }

        test("before the first report, the page names the script") {
            val answer = get(server.address)
            answer.statusCode() shouldBe 200
            answer.body() shouldContain "a &lt;b> script"
            answer.body() shouldContain "new EventSource"
        }

        test("a report is served with the script that refreshes it, allowed by hash alone") {
            server.report(PAGE)
            val answer = get(server.address)
            answer.body() shouldContain "<p>one</p>"
            answer.body() shouldContain "connect-src 'self'; script-src 'sha256-"
            answer.body() shouldContain "'sha256-x'"
            answer.body() shouldNotContain "unsafe-inline"
            answer.headers().firstValue("Cache-Control").get() shouldBe "no-store"
            answer.headers().firstValue("Content-Security-Policy").get() shouldBe "frame-ancestors 'none'"
        }

        test("only this page, by this machine's names, and only to read") {
            val path = server.address.path
            val port = server.address.port
            status(path, "127.0.0.1:$port") shouldBe "200"
            status(path, "localhost:8080") shouldBe "200"
            status(path, "evil.example:$port") shouldBe "403"
            status(path, "127.0.0.1.evil.example:$port") shouldBe "403"
            status("/", "127.0.0.1:$port") shouldBe "404"
            status("$path../../etc/passwd", "127.0.0.1:$port") shouldBe "404"
            status("$path%2e%2e/etc/passwd", "127.0.0.1:$port") shouldBe "404"
            status("${path}results.json", "127.0.0.1:$port") shouldBe "404"
            status(path, "127.0.0.1:$port", "POST") shouldBe "405"
        }

        test("no other address of this machine answers") {
            val others = NetworkInterface.getNetworkInterfaces().toList().flatMap { it.inetAddresses.toList() }
                .filterNot { it.isLoopbackAddress }
            others.forEach { address ->
                shouldThrow<IOException> {
                    Socket().use { it.connect(InetSocketAddress(address, server.address.port), 2_000) }
                }
            }
        }

        test("browsers are told of a new report, and of mistakes") {
            val address = server.address.resolve("events")
            val request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20)).build()
            val lines = client.send(request, BodyHandlers.ofLines()).body().filter { it.startsWith("data:") }.iterator()
            lines.next() shouldContain "\"report\":1,\"state\":\"report\""
            server.mistakes("line 3: \"no\" <b>")
            lines.next() shouldBe """data: {"report":1,"state":"mistakes","text":"line 3: \"no\" <b>"}"""
            server.report(PAGE)
            lines.next() shouldContain "\"report\":2,\"state\":\"report\""
        }

        test("a port that is taken is the user's mistake") {
            val port = server.address.port
            shouldThrow<PortTakenException> { PageServer(port, "other") }.message.orEmpty() shouldContain "Port $port"
        }
    })
