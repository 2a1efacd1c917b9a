package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.RandomAccessFile
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

private const val SCRIPT = "probe.kausal.kts"

private fun contents() =
    BundleContents(
        ExperimentSpec(
            name = "probe",
            script = SCRIPT,
            model = ModelSpec("tiny", "CausalLm", "llama", ModelShape(1, 1, 1, 4, 4, 8, 10, 16)),
            contrasts = emptyList(),
            analyses = emptyList(),
        ),
        Results(results = emptyList()),
        EnvironmentRecord(
            kausal = "0",
            versions = emptyMap(),
            processor = "any",
            threads = 1,
            dtype = "float32",
            command = emptyList(),
            executor = "exact",
            plan = emptyMap(),
            started = "now",
            seconds = emptyMap(),
        ),
        "<!doctype html>",
        SCRIPT,
        "1",
    )

private fun bundleIn(
    folder: Path,
): Path = BundleWriter.open(folder.resolve("a"), "probe").use { it.write(contents()) }

/** Links in a bundle lead to files of whoever reads or writes it, and none of those is touched. */
class BundleLinksTest :
    FunSpec({
        test("a page is not written through a link, whatever the link is called") {
            val folder = tempdir().toPath()
            val bundle = bundleIn(folder)
            val victim = folder.resolve("victim.txt").also { it.writeText("mine") }
            val absent = folder.resolve("absent.txt")
            bundle.resolve("report.html.partial").createSymbolicLinkPointingTo(victim)
            bundle.resolve("report.html").also { it.deleteExisting() }.createSymbolicLinkPointingTo(absent)
            BundleFiles.replaceReport(bundle, "page").readText() shouldBe "page"
            victim.readText() shouldBe "mine"
            absent.exists() shouldBe false
            bundle.resolve("report.html").isRegularFile(NOFOLLOW_LINKS) shouldBe true
        }

        test("a new file takes no link's place") {
            val folder = tempdir().toPath()
            val link = folder.resolve("link").createSymbolicLinkPointingTo(folder.resolve("absent"))
            shouldThrow<FileAlreadyExistsException> { WholeFiles.create(link) }
            folder.resolve("absent").exists() shouldBe false
        }

        listOf("spec.json", "results.json", "environment.json", SCRIPT).forEach { name ->
            test("$name is not read from elsewhere by a link") {
                val folder = tempdir().toPath()
                val bundle = bundleIn(folder)
                val elsewhere = folder.resolve("secret").also { Files.move(bundle.resolve(name), it) }
                bundle.resolve(name).createSymbolicLinkPointingTo(elsewhere)
                shouldThrow<BundleUnreadableException> { Bundle.read(bundle) }.message shouldContain "symbolic link"
            }
        }

        test("a script of gigabytes is refused before it is read") {
            val bundle = bundleIn(tempdir().toPath())
            RandomAccessFile(bundle.resolve(SCRIPT).toFile(), "rw").use { it.setLength(3L shl 30) }
            shouldThrow<BundleUnreadableException> { Bundle.read(bundle) }.message shouldContain "larger than 64 MiB"
        }

        test("images are not read by a link, nor from a folder that is one, nor by a name that leads out") {
            val folder = tempdir().toPath()
            val bundle = BundleFolder(bundleIn(folder))
            val secret = folder.resolve("secrets").createDirectories().resolve("a.png").also { it.writeText("mine") }
            bundle.path.resolve("images").createSymbolicLinkPointingTo(secret.parent)
            shouldThrow<BundleUnreadableException> { bundle.bytes("images/a.png") }
            bundle.path.resolve("images").also { it.deleteExisting() }.createDirectories()
                .resolve("a.png").createSymbolicLinkPointingTo(secret)
            shouldThrow<BundleUnreadableException> { bundle.sha256("images/a.png") }
            shouldThrow<BundleUnreadableException> { bundle.bytes("../secrets/a.png") }
            shouldThrow<BundleUnreadableException> { bundle.bytes("$secret") }
        }

        test("folders and links with the names that bundles in the making had are neither adopted nor emptied") {
            val runs = tempdir().toPath()
            val old = runs.resolve("a.partial-${ProcessHandle.current().pid()}").createDirectories()
            old.resolve("stale.txt").writeText("old")
            val bundle = bundleIn(runs)
            bundle.listDirectoryEntries().map { it.name } shouldContainExactlyInAnyOrder
                listOf("spec.json", "results.json", "environment.json", "report.html", SCRIPT)

            val victim = tempdir().toPath().also { it.resolve("p.txt").writeText("mine") }
            WholeFiles.deleteTree(old)
            old.createSymbolicLinkPointingTo(victim)
            BundleWriter.open(runs.resolve("b"), "probe").close()
            WholeFiles.deleteTree(old)
            old.isSymbolicLink() shouldBe false
            victim.resolve("p.txt").readText() shouldBe "mine"
        }

        test("only a folder with a record of a process that is over is removed") {
            val runs = tempdir().toPath()
            val victim = tempdir().toPath()
            val over = Owner.ofThisProcess().copy(start = "0").text()
            val planted = List(3) { runs.resolve("a.partial-${"$it".repeat(16)}") }
            victim.resolve("owner").writeText(over)
            planted[0].createSymbolicLinkPointingTo(victim)
            planted[1].createDirectories().resolve("owner").createSymbolicLinkPointingTo(victim.resolve("owner"))
            planted[2].createDirectories().resolve("owner").writeText("no record")
            PartialFolder.removeAbandoned(runs).shouldBeEmpty()
            planted[2].resolve("owner").writeText(over)
            // A folder that cannot be deleted was not removed.
            PartialFolder.removeAbandoned(runs) { }.shouldBeEmpty()
            PartialFolder.removeAbandoned(runs) shouldBe listOf(planted[2])
            victim.resolve("owner").readText() shouldBe over
        }

        test("a number of a process, the machine's boot and the machine tell whether it is over") {
            val own = Owner.ofThisProcess()
            Owner.parse(own.text()) shouldBe own
            own.isOver() shouldBe false
            own.copy(start = "0").isOver() shouldBe true
            own.copy(namespace = "another container").isOver() shouldBe true
            val here = own.copy(machine = "m")
            here.copy(boot = "earlier").isOver(here) shouldBe true
            here.copy(boot = "earlier", machine = "n").isOver(here) shouldBe false
            here.copy(boot = "earlier", machine = "").isOver(here.copy(machine = "")) shouldBe false
        }

        test("an --out that is a link is refused before anything runs, dangling or not") {
            val folder = tempdir().toPath()
            val empty = folder.resolve("empty").createDirectories()
            listOf(folder.resolve("absent"), empty).forEachIndexed { index, target ->
                val link = folder.resolve("link$index").createSymbolicLinkPointingTo(target)
                shouldThrow<BundleIsLinkException> { BundleWriter.check(link) }.link shouldBe link
            }
        }

        test("a run that another one has forestalled names the folder, and not the disk") {
            val out = tempdir().toPath().resolve("a")
            BundleWriter.open(out, "probe").use { second ->
                BundleWriter.open(out, "probe").use { it.write(contents()) }
                shouldThrow<BundleExistsException> { second.write(contents()) }
            }
            out.parent.listDirectoryEntries() shouldBe listOf(out)
        }
    })
