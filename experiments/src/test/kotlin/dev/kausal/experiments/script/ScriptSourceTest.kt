package dev.kausal.experiments.script

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class ScriptSourceTest :
    FunSpec({
        val folder = tempdir().toPath()

        test("reads a script with its folder, and carriage returns away") {
            val file = folder.resolve("a.kausal.kts").also { it.writeText("1\r\n2\r\n") }
            val source = ScriptSource.read(file)
            source.folder shouldBe folder.toAbsolutePath()
            source.text shouldBe "1\n2\n"
            source.line(2) shouldBe "2"
            source.line(9) shouldBe null
        }

        test("refuses another suffix and text that is not UTF-8") {
            val named = folder.resolve("a.kts").also { it.writeText("1") }
            shouldThrow<ScriptNameException> { ScriptSource.read(named) }.message shouldContain ".kausal.kts"
            val bytes = folder.resolve("b.kausal.kts").also { it.writeBytes(byteArrayOf(-1, -2, 65)) }
            shouldThrow<UnreadableScriptException> { ScriptSource.read(bytes) }.message shouldContain "UTF-8"
        }
    })
