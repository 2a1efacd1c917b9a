package dev.kausal.consumers

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.name

/** With a key, the build signs what it deploys. A key of this test signs the parent and the BOM. */
class SignaturesTest :
    FunSpec({
        // A short folder of its own: the agent's socket has a path of at most 108 bytes.
        val home = Files.createTempDirectory("gpg")
        val installed = Programs.installed("gpg") != null
        if (!installed) println("gpg is not installed: no signature is made.")
        val environment = mapOf("GNUPGHOME" to "$home")

        afterSpec { home.toFile().deleteRecursively() }

        test("each file that is deployed with a key has that key's signature").config(enabled = installed) {
            val name = "Release test <release@example.org>"
            Programs.printed(
                home,
                environment,
                listOf(
                    "gpg",
                    "--batch",
                    "--quiet",
                    "--passphrase",
                    "",
                    "--quick-generate-key",
                    name,
                    "ed25519",
                    "sign",
                    "never",
                ),
            )
            val deployed = home.resolve("repository")
            Programs.maven(
                Path.of(System.getProperty("kausal.sources")),
                Path.of(System.getProperty("kausal.local")),
                "-pl",
                ".,bom",
                "-P",
                "publish",
                "-Dkausal.checks=false",
                "-Dspotless.check.skip=true",
                "-Dkausal.repository=$deployed",
                "-Dgpg.keyname=release@example.org",
                "verify",
                environment = environment,
            )
            val files = Files.walk(deployed).use { it.toList() }.filter {
                it.extension == "pom" ||
                    it.extension == "json"
            }
            // Two POMs and the parent's list of materials.
            files shouldHaveSize 3
            for (file in files) {
                Programs.printed(home, environment, listOf("gpg", "--batch", "--verify", "$file.asc", "$file"))
            }
            files.filter { Files.notExists(it.resolveSibling("${it.name}.asc")) }.shouldBeEmpty()
        }
    })
