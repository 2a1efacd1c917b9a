package dev.kausal.experiments.bundle

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.extension
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/** What an interrupted run has left counts only if it is what was written. */
class RunJournalTest :
    FunSpec({
        val said = mutableListOf<String>()

        fun journal(cache: Path) = RunJournal.of(cache, listOf("spec", "model"), said::add)

        fun parts(cache: Path) =
            Files.walk(cache).use { all -> all.filter { it.extension == "part" }.toList() }.sorted()

        test("a part is read back by another journal of the same run") {
            val cache = tempdir().toPath()
            journal(cache).write("sweep", byteArrayOf(1, 2, 3))
            val again = journal(cache)
            again.read("sweep")?.toList() shouldBe listOf<Byte>(1, 2, 3)
            again.read("other") shouldBe null
            again.found shouldBe 1
        }

        test("a part with any bit flipped, or of any other length, is as none, once, and a line says so") {
            val cache = tempdir().toPath()
            val content = ByteArray(20) { it.toByte() }
            journal(cache).write("sweep", content)
            val file = parts(cache).single()
            val whole = file.readBytes()
            val flips = (0 until whole.size * 8).map { bit ->
                whole.copyOf().also { it[bit / 8] = (it[bit / 8].toInt() xor (1 shl bit % 8)).toByte() }
            }
            val lengths = (0 until whole.size).map(whole::copyOf) + whole.copyOf(whole.size + 1)
            (flips + lengths).forEachIndexed { index, damaged ->
                file.writeBytes(damaged)
                said.clear()
                val again = journal(cache)
                withClue("damage $index") { again.read("sweep") shouldBe null }
                again.found shouldBe 0
                said.single() shouldContain "is damaged and is computed again"
                said.clear()
                again.read("sweep") shouldBe null
                said.shouldBeEmpty()
                parts(cache).shouldBeEmpty()
            }
        }

        test("parts that have changed places are none") {
            val cache = tempdir().toPath()
            journal(cache).also {
                it.write("one", byteArrayOf(1))
                it.write("two", byteArrayOf(2))
            }
            val files = parts(cache).shouldHaveSize(2)
            val (first, second) = files.map { it.readBytes() }
            files.forEach { it.deleteExisting() }
            files[0].writeBytes(second)
            files[1].writeBytes(first)
            journal(cache).read("one") shouldBe null
            journal(cache).read("two") shouldBe null
        }
    })
