package dev.kausal.bundle

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NumberType
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.moveTo
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

class ArrayFolderTest :
    FunSpec({
        val axes = listOf("layer" to 2, "position" to 3).map { (name, n) -> AxisSpec(name, List(n) { "$it" }) }

        /** Two examples of 3 and 2 positions, whose numbers are 100 × example + 10 × layer + position. */
        fun written(
            folder: Path,
            type: NumberType = NumberType.F32,
            name: String = "looks",
        ): Result {
            val shapes = listOf("long" to listOf(2, 3), "short" to listOf(2, 2))
            val file =
                ArrayFolder(folder).create(name, type, axes, shapes).use { writer ->
                    shapes.forEachIndexed { example, (_, shape) ->
                        val columns = shape[1]
                        // In parts, and the later one first.
                        for (layer in listOf(1, 0)) {
                            writer.write(example, layer.toLong() * columns, columns) {
                                100.0 * example + 10 * layer + it
                            }
                        }
                    }
                    writer.finish()
                }
            val examples = shapes.map { it.first }
            val kind = ResultKind.Capture
            return Result(
                name,
                kind,
                "m",
                axes,
                examples,
                listOf(2, 3),
                file.rows,
                mean = file.mean,
                arrays = file.arrays,
            )
        }

        test("examples keep their own length; in the result's box, what a shorter one lacks is absent") {
            val result = written(tempdir().toPath())
            result.perExample[0] shouldBe listOf(0.0, 1.0, 2.0, 10.0, 11.0, 12.0)
            result.perExample[1] shouldBe listOf(100.0, 101.0, null, 110.0, 111.0, null)
            result.mean shouldBe listOf(50.0, 51.0, 2.0, 60.0, 61.0, 12.0)
            result.arrays!!.perExample.map { it.name to it.shape } shouldBe
                listOf("looks/0" to listOf(2, 3), "looks/1" to listOf(2, 2))
        }

        test(
            "the file is safetensors: a header with names, types, shapes and offsets, then the numbers without a gap",
        ) {
            val folder = tempdir().toPath()
            written(folder)
            val bytes = ByteBuffer.wrap(folder.resolve("arrays/looks.safetensors").readBytes())
            val length = bytes.order(ByteOrder.LITTLE_ENDIAN).long.toInt()
            val header = Json.parseToJsonElement(String(bytes.array(), 8, length)).jsonObject
            header.keys shouldBe setOf("__metadata__", "looks/0", "looks/1", "looks/mean")
            header.getValue("looks/1").toString() shouldBe
                """{"dtype":"F32","shape":[2,2],"data_offsets":[24,40]}"""
            header.getValue("__metadata__").jsonObject.getValue("looks/1").jsonPrimitive.content shouldBe "short"
            length % 8 shouldBe 0
            bytes.getFloat(8 + length + 24 + 4) shouldBe 101f
            bytes.limit() shouldBe 8 + length + 4 * (6 + 4 + 6)
        }

        test("what is not finite was not computed, in single and in double precision") {
            for (type in NumberType.entries) {
                val writer = ArrayFolder(tempdir().toPath()).create("a", type, axes, listOf("one" to listOf(2, 3)))
                val numbers = listOf(1.0, Double.NaN, Double.NEGATIVE_INFINITY, 0.1, 1e30, -2.0)
                val found = writer.use {
                    it.write(0, 0, 6) { i -> numbers[i] }
                    it.finish()
                }
                val third = if (type == NumberType.F32) 0.1f.toDouble() else 0.1
                val large = if (type == NumberType.F32) 1e30f.toDouble() else 1e30
                found.rows.single() shouldBe listOf(1.0, null, null, third, large, -2.0)
                // The mean of one example is the example, stored once.
                found.arrays.mean shouldBe found.arrays.perExample.single()
            }
        }

        test("a file that lacks numbers is not finished") {
            val writer = ArrayFolder(
                tempdir().toPath(),
            ).create("a", NumberType.F32, axes, listOf("one" to listOf(2, 3)))
            writer.use {
                it.write(0, 0, 5) { 1.0 }
                shouldThrow<IllegalStateException> { it.finish() }.message shouldContain "a/0 has 5 numbers so far"
                shouldThrow<IllegalArgumentException> { it.write(0, 5, 2) { 1.0 } }
            }
        }

        test("names of results become names of files, each its own where case does not count") {
            val folder = ArrayFolder(tempdir().toPath())
            val names =
                listOf("../a b", "a/b", "A-b").map { name ->
                    folder.create(name, NumberType.F32, axes, listOf("one" to listOf(2, 3))).use {
                        it.write(0, 0, 6) { 1.0 }
                        it.finish().arrays.file
                    }
                }
            names shouldBe listOf("a-b", "a-b-2", "A-b-3").map { "arrays/$it.safetensors" }
        }

        /** What results.json has, read again beside [folder]'s arrays. */
        fun again(
            folder: Path,
            result: Result,
        ): Result {
            val text = BundleFiles.compact.encodeToString(
                Results.serializer(),
                Results(results = listOf(result.written())),
            )
            val read = BundleFiles.compact.decodeFromString(Results.serializer(), text).results.single()
            return ArrayFolder.attached(folder, read, checked = true)
        }

        test("results.json has the reference instead of the numbers, and reading it gives the numbers") {
            val folder = tempdir().toPath()
            val result = written(folder, NumberType.F64)
            val text = BundleFiles.compact.encodeToString(Result.serializer(), result.written())
            text shouldContain "\"perExample\":[]"
            text shouldContain "\"mean\":[]"
            text shouldContain "\"file\":\"arrays/looks.safetensors\""
            again(folder, result) shouldBe result
        }

        test("a result with few numbers is written as ever, without a word of arrays") {
            val small =
                Result(
                    "s",
                    ResultKind.Capture,
                    "m",
                    emptyList(),
                    listOf("a"),
                    emptyList(),
                    listOf(listOf(1.0)),
                    mean = listOf(1.0),
                )
            BundleFiles.compact.encodeToString(Result.serializer(), small.written()).contains("arrays") shouldBe false
        }

        test("a changed number, a cut file, another's name and a missing file are refused, each by its own sentence") {
            val folder = tempdir().toPath()
            val result = written(folder)
            val file = folder.resolve("arrays/looks.safetensors")
            val whole = file.readBytes()

            fun fault(changed: Result = result) = shouldThrow<BundleUnreadableException> {
                again(folder, changed)
            }.message!!
            file.writeBytes(whole.clone().also { it[it.lastIndex]++ })
            fault() shouldBe
                "$file was changed after the run: its SHA-256 differs from the one in results.json. " +
                "Run the script again, or copy the bundle again from its source."
            val cut = whole.copyOf(whole.size - 4)
            file.writeBytes(cut)
            val hashed = result.copy(arrays = result.arrays!!.copy(sha256 = BundleFiles.sha256(cut)))
            fault(hashed) shouldContain "it has ${cut.size} bytes, not ${whole.size}"
            file.writeBytes(whole)
            fault(result.copy(arrays = result.arrays.copy(file = "../looks.safetensors"))) shouldContain
                "which Kausal does not write"
            val other = result.arrays.perExample.map { it.copy(name = "x" + it.name) }
            fault(result.copy(arrays = result.arrays.copy(perExample = other))) shouldContain "its arrays are looks/0"
            file.moveTo(folder.resolve("elsewhere"))
            fault() shouldContain "has no arrays/looks.safetensors"
        }

        test("a link is not followed, in the place of the file or of its folder") {
            val folder = tempdir().toPath()
            val result = written(folder)
            val file = folder.resolve("arrays/looks.safetensors")
            val elsewhere = tempdir().toPath().resolve("looks.safetensors")
            file.moveTo(elsewhere)
            Files.createSymbolicLink(file, elsewhere)
            shouldThrow<BundleUnreadableException> { again(folder, result) }.message shouldContain
                "links in it are not followed"
            Files.delete(file)
            Files.delete(folder.resolve("arrays"))
            Files.createSymbolicLink(folder.resolve("arrays"), elsewhere.parent)
            shouldThrow<BundleUnreadableException> { again(folder, result) }.message shouldContain
                "links in it are not followed"
        }

        test("the file's size is that of its numbers") {
            val folder = tempdir().toPath()
            val shape = listOf(2, 3)
            ArrayFolder(folder).create("a", NumberType.F64, axes, List(50) { "e$it" to shape }).use { writer ->
                repeat(50) { writer.write(it, 0, 6) { 1.0 } }
                writer.finish().rows.size shouldBe 50
            }
            val file = folder.resolve("arrays/a.safetensors")
            val header = ByteBuffer.wrap(file.readBytes()).order(ByteOrder.LITTLE_ENDIAN).long
            file.fileSize() shouldBe 8 + header + 8 * 6 * 51
        }
    })
