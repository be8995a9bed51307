<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>skipclick</name>
    <message>
        <source>Some of your work is not on disk</source>
        <translation>Ein Teil Ihrer Arbeit ist nicht gespeichert</translation>
    </message>
    <message>
        <source>Save elsewhere …</source>
        <translation>Woanders speichern …</translation>
    </message>
    <message>
        <source>Lose it</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Your work is kept in memory only: {message}</source>
        <translation>Ihre Arbeit ist nur im Arbeitsspeicher: {message}</translation>
    </message>
    <message>
        <source>{whole}.{tenth}</source>
        <translation>{whole},{tenth}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Class of the chosen objects and of those to come; right click to edit</source>
        <translation>Klasse der gewählten und der nächsten Objekte; Rechtsklick zum Bearbeiten</translation>
    </message>
    <message>
        <source>Rename …</source>
        <translation>Umbenennen …</translation>
    </message>
    <message>
        <source>Colour …</source>
        <translation>Farbe …</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>Add a class</source>
        <translation>Klasse hinzufügen</translation>
    </message>
    <message>
        <source>The class is in use. Its objects become:</source>
        <translation>Die Klasse wird benutzt. Ihre Objekte werden zu:</translation>
    </message>
    <message>
        <source>Its name:</source>
        <translation>Name:</translation>
    </message>
    <message>
        <source>Rename class</source>
        <translation>Klasse umbenennen</translation>
    </message>
    <message>
        <source>Colour of the class</source>
        <translation>Farbe der Klasse</translation>
    </message>
    <message>
        <source>Remove class</source>
        <translation>Klasse entfernen</translation>
    </message>
    <message>
        <source>A project needs at least one class.</source>
        <translation>Ein Projekt braucht mindestens eine Klasse.</translation>
    </message>
    <message>
        <source>This project is only looked at; nothing can be changed.</source>
        <translation>Dieses Projekt ist nur zum Ansehen geöffnet; nichts lässt sich ändern.</translation>
    </message>
    <message>
        <source>This click is part of the mask already; undo takes it back.</source>
        <translation>Dieser Klick steckt schon in der Maske; „Rückgängig“ nimmt ihn zurück.</translation>
    </message>
    <message>
        <source>The object is locked; unlock it first.</source>
        <translation>Das Objekt ist gesperrt; entsperren Sie es zuerst.</translation>
    </message>
    <message>
        <source>The object had no pixels and was removed.</source>
        <translation>Das Objekt hatte keine Pixel und wurde entfernt.</translation>
    </message>
    <message>
        <source>Several objects are chosen; choose one to refine it.</source>
        <translation>Mehrere Objekte sind gewählt; wählen Sie eines, um es zu verfeinern.</translation>
    </message>
    <message>
        <source>This is outside the magnified part; wait for the answer and click again.</source>
        <translation>Das liegt außerhalb des vergrößerten Teils; warten Sie die Antwort ab und klicken Sie noch einmal.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Export masks</source>
        <translation>Masken exportieren</translation>
    </message>
    <message>
        <source>Choose a folder …</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Replace files that exist</source>
        <translation>Vorhandene Dateien ersetzen</translation>
    </message>
    <message>
        <source> pixels</source>
        <translation> Pixel</translation>
    </message>
    <message>
        <source>How far polygons may leave the mask to have fewer points; 0 is exact</source>
        <translation>Wie weit Polygone von der Maske abweichen dürfen, um weniger Punkte zu haben; 0 ist genau</translation>
    </message>
    <message>
        <source>Polygons may differ by</source>
        <translation>Polygone dürfen abweichen um</translation>
    </message>
    <message>
        <source>Import masks</source>
        <translation>Masken importieren</translation>
    </message>
    <message>
        <source>Choose files …</source>
        <translation>Dateien wählen …</translation>
    </message>
    <message>
        <source>If images have objects</source>
        <translation>Wenn Bilder schon Objekte haben</translation>
    </message>
    <message>
        <source>change nothing and say so</source>
        <translation>nichts ändern und es melden</translation>
    </message>
    <message>
        <source>add to their objects</source>
        <translation>zu ihren Objekten hinzufügen</translation>
    </message>
    <message>
        <source>replace their objects</source>
        <translation>ihre Objekte ersetzen</translation>
    </message>
    <message>
        <source>Reading {name} …</source>
        <translation>{name} wird gelesen …</translation>
    </message>
    <message>
        <source>There is no earlier mask to show.</source>
        <translation>Es gibt keine frühere Maske.</translation>
    </message>
    <message>
        <source>Open a folder of images to begin</source>
        <translation>Öffnen Sie zuerst einen Ordner mit Bildern</translation>
    </message>
    <message>
        <source>{open} opens a folder, {load} a single photo.</source>
        <translation>{open} öffnet einen Ordner, {load} ein einzelnes Foto.</translation>
    </message>
    <message>
        <source>You can also drop a folder here.</source>
        <translation>Sie können auch einen Ordner hierher ziehen.</translation>
    </message>
    <message>
        <source>Go on to the next image with D.</source>
        <translation>Weiter zum nächsten Bild mit D.</translation>
    </message>
    <message>
        <source>Choose one object first.</source>
        <translation>Wählen Sie zuerst ein Objekt.</translation>
    </message>
    <message>
        <source>That changes nothing here.</source>
        <translation>Das ändert hier nichts.</translation>
    </message>
    <message>
        <source>Nothing can be written in this folder</source>
        <translation>In diesen Ordner kann nichts geschrieben werden</translation>
    </message>
    <message>
        <source>{message}. The photos stay where they are.</source>
        <translation>{message}. Die Fotos bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>{n} object</source>
        <translation>{n} Objekt</translation>
    </message>
    <message>
        <source>{n} objects</source>
        <translation>{n} Objekte</translation>
    </message>
    <message>
        <source>A model's name, its file or folder, or owner/name on the Hugging Face hub:</source>
        <translation>Name eines Modells, seine Datei, sein Ordner oder Besitzer/Name auf Hugging Face:</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Load photo</source>
        <translation>Foto laden</translation>
    </message>
    <message>
        <source>Where to keep the project</source>
        <translation>Wohin mit dem Projekt?</translation>
    </message>
    <message>
        <source>Export into this folder</source>
        <translation>In diesen Ordner exportieren</translation>
    </message>
    <message>
        <source>{objects} exported to {folder}.</source>
        <translation>{objects} nach {folder} exportiert.</translation>
    </message>
    <message>
        <source>Switch model</source>
        <translation>Modell wechseln</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Language of the program:</source>
        <translation>Sprache des Programms:</translation>
    </message>
    <message>
        <source>{name} is no image that can be opened.</source>
        <translation>{name} ist kein Bild, das geöffnet werden kann.</translation>
    </message>
    <message>
        <source>Nothing is open yet.</source>
        <translation>Noch ist nichts geöffnet.</translation>
    </message>
    <message>
        <source>{objects} imported; undo takes them back.</source>
        <translation>{objects} importiert; „Rückgängig“ nimmt sie zurück.</translation>
    </message>
    <message>
        <source>This folder cannot be opened</source>
        <translation>Dieser Ordner kann nicht geöffnet werden</translation>
    </message>
    <message>
        <source>Keep the project elsewhere …</source>
        <translation>Das Projekt woanders aufbewahren …</translation>
    </message>
    <message>
        <source>Only look at it</source>
        <translation>Nur ansehen</translation>
    </message>
    <message>
        <source>Open it anyway</source>
        <translation>Trotzdem öffnen</translation>
    </message>
    <message>
        <source>This folder is open elsewhere</source>
        <translation>Dieser Ordner ist anderswo geöffnet</translation>
    </message>
    <message>
        <source>Go on with what can be read</source>
        <translation>Mit dem Lesbaren weitermachen</translation>
    </message>
    <message>
        <source>{n} image</source>
        <translation>{n} Bild</translation>
    </message>
    <message>
        <source>{n} images</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>Filter by name</source>
        <translation>Nach Namen filtern</translation>
    </message>
    <message>
        <source>{images} · {begun} begun · {done} done</source>
        <translation>{images} · {begun} begonnen · {done} fertig</translation>
    </message>
    <message>
        <source>untouched</source>
        <translation>unberührt</translation>
    </message>
    <message>
        <source>done, no object</source>
        <translation>fertig, kein Objekt</translation>
    </message>
    <message>
        <source>reviewed, no object</source>
        <translation>geprüft, kein Objekt</translation>
    </message>
    <message>
        <source>begun</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>reviewed</source>
        <translation>geprüft</translation>
    </message>
    <message>
        <source>All images</source>
        <translation>Alle Bilder</translation>
    </message>
    <message>
        <source>Untouched</source>
        <translation>Unberührt</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Reviewed</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>No folder open</source>
        <translation>Kein Ordner geöffnet</translation>
    </message>
    <message>
        <source>Click, then press another key</source>
        <translation>Klicken, dann eine andere Taste drücken</translation>
    </message>
    <message>
        <source>press a key …</source>
        <translation>Taste drücken …</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Click a key to change it; Backspace removes it.</source>
        <translation>Klicken Sie auf eine Taste, um sie zu ändern; die Rücktaste entfernt sie.</translation>
    </message>
    <message>
        <source>Original keys</source>
        <translation>Ursprüngliche Tasten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Beginning of this list</source>
        <translation>Anfang dieser Liste</translation>
    </message>
    <message>
        <source>Digits choose classes; take another key.</source>
        <translation>Ziffern wählen Klassen; nehmen Sie eine andere Taste.</translation>
    </message>
    <message>
        <source>{key} is taken by “{action}”; take another key.</source>
        <translation>{key} gehört schon zu „{action}“; nehmen Sie eine andere Taste.</translation>
    </message>
    <message>
        <source>This is the last image.</source>
        <translation>Das ist das letzte Bild.</translation>
    </message>
    <message>
        <source>There is no object to copy.</source>
        <translation>Es gibt kein Objekt zum Kopieren.</translation>
    </message>
    <message>
        <source>Choose an object first.</source>
        <translation>Wählen Sie zuerst ein Objekt.</translation>
    </message>
    <message>
        <source>{n} click</source>
        <translation>{n} Klick</translation>
    </message>
    <message>
        <source>{n} clicks</source>
        <translation>{n} Klicks</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>gezeichnet</translation>
    </message>
    <message>
        <source>Left: belongs to the object · Right: does not · Space: finish</source>
        <translation>Links: gehört zum Objekt · Rechts: gehört nicht dazu · Leertaste: fertig</translation>
    </message>
    <message>
        <source>Left: paint · Right: erase · [ and ]: size, now {radius} pixels</source>
        <translation>Links: malen · Rechts: radieren · [ und ]: Größe, jetzt {radius} Pixel</translation>
    </message>
    <message>
        <source>Left: erase · Right: paint · [ and ]: size, now {radius} pixels</source>
        <translation>Links: radieren · Rechts: malen · [ und ]: Größe, jetzt {radius} Pixel</translation>
    </message>
    <message>
        <source>Click corner by corner · Enter: close · Backspace: one back · Escape: drop it</source>
        <translation>Ecke für Ecke klicken · Eingabe: schließen · Rücktaste: eine zurück · Esc: verwerfen</translation>
    </message>
    <message>
        <source>Drag a box around the object, then refine it with clicks</source>
        <translation>Ziehen Sie einen Rahmen um das Objekt und verfeinern Sie mit Klicks</translation>
    </message>
    <message>
        <source>Drag: move the image · Click: choose an object</source>
        <translation>Ziehen: Bild verschieben · Klicken: Objekt wählen</translation>
    </message>
    <message>
        <source>{objects} now · {clicks} clicks and {seconds} s each</source>
        <translation>{objects} bisher · je {clicks} Klicks und {seconds} s</translation>
    </message>
    <message>
        <source>Objects made since the folder was opened, with the mean effort</source>
        <translation>Objekte seit dem Öffnen des Ordners, mit dem mittleren Aufwand</translation>
    </message>
    <message>
        <source>{ms} ms a click</source>
        <translation>{ms} ms je Klick</translation>
    </message>
    <message>
        <source>loading the model …</source>
        <translation>Modell wird geladen …</translation>
    </message>
    <message>
        <source>encoding the image …</source>
        <translation>Bild wird kodiert …</translation>
    </message>
    <message>
        <source>answering …</source>
        <translation>antwortet …</translation>
    </message>
    <message>
        <source>As in the file</source>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <source>Only the view changes, never the image.</source>
        <translation>Nur die Ansicht ändert sich, nie das Bild.</translation>
    </message>
    <message>
        <source>Fill of masks</source>
        <translation>Füllung der Masken</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>Version {version}, Apache License 2.0.
Made with Qt for Python, which is under the LGPL.</source>
        <translation>Version {version}, Apache-Lizenz 2.0.
Gemacht mit Qt für Python, das unter der LGPL steht.</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Objekte</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>All other images are done.</source>
        <translation>Alle anderen Bilder sind fertig.</translation>
    </message>
    <message>
        <source>The project is now kept in {folder}.</source>
        <translation>Das Projekt liegt jetzt in {folder}.</translation>
    </message>
    <message>
        <source>This is the first image.</source>
        <translation>Das ist das erste Bild.</translation>
    </message>
    <message>
        <source>Nothing to undo.</source>
        <translation>Nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>Nothing to redo.</source>
        <translation>Nichts zu wiederholen.</translation>
    </message>
    <message>
        <source>Everything is on disk again.</source>
        <translation>Alles ist wieder gespeichert.</translation>
    </message>
    <message>
        <source>Open folder …</source>
        <translation>Ordner öffnen …</translation>
    </message>
    <message>
        <source>Load photo …</source>
        <translation>Foto laden …</translation>
    </message>
    <message>
        <source>Import masks …</source>
        <translation>Masken importieren …</translation>
    </message>
    <message>
        <source>Export masks …</source>
        <translation>Masken exportieren …</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save project elsewhere …</source>
        <translation>Projekt woanders speichern …</translation>
    </message>
    <message>
        <source>Switch model …</source>
        <translation>Modell wechseln …</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Select all objects</source>
        <translation>Alle Objekte wählen</translation>
    </message>
    <message>
        <source>Select next object</source>
        <translation>Nächstes Objekt wählen</translation>
    </message>
    <message>
        <source>Finish object</source>
        <translation>Objekt abschließen</translation>
    </message>
    <message>
        <source>Hide or show</source>
        <translation>Aus- oder einblenden</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alle einblenden</translation>
    </message>
    <message>
        <source>Lock or unlock</source>
        <translation>Sperren oder entsperren</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Bring forward</source>
        <translation>Nach vorn</translation>
    </message>
    <message>
        <source>Send backward</source>
        <translation>Nach hinten</translation>
    </message>
    <message>
        <source>Copy to next image</source>
        <translation>Ins nächste Bild kopieren</translation>
    </message>
    <message>
        <source>Front object wins overlaps</source>
        <translation>Vorderes Objekt hat Vorrang</translation>
    </message>
    <message>
        <source>Fill holes</source>
        <translation>Löcher füllen</translation>
    </message>
    <message>
        <source>Drop islands</source>
        <translation>Inseln entfernen</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>Glätten</translation>
    </message>
    <message>
        <source>Grow</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Shrink</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Previous image</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Next unfinished image</source>
        <translation>Nächstes unfertiges Bild</translation>
    </message>
    <message>
        <source>Mark as done</source>
        <translation>Als fertig markieren</translation>
    </message>
    <message>
        <source>Mark as reviewed</source>
        <translation>Als geprüft markieren</translation>
    </message>
    <message>
        <source>Reviewed, next to review</source>
        <translation>Geprüft, nächstes zu prüfendes</translation>
    </message>
    <message>
        <source>Find image</source>
        <translation>Bild suchen</translation>
    </message>
    <message>
        <source>Done, next unfinished image</source>
        <translation>Fertig, nächstes unfertiges Bild</translation>
    </message>
    <message>
        <source>Look for new images</source>
        <translation>Nach neuen Bildern suchen</translation>
    </message>
    <message>
        <source>Fit to window</source>
        <translation>Ins Fenster einpassen</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Näher heran</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Weiter weg</translation>
    </message>
    <message>
        <source>Outlines only</source>
        <translation>Nur Umrisse</translation>
    </message>
    <message>
        <source>Masks on black</source>
        <translation>Masken auf Schwarz</translation>
    </message>
    <message>
        <source>Colours by class</source>
        <translation>Farben nach Klasse</translation>
    </message>
    <message>
        <source>Flash previous mask</source>
        <translation>Vorige Maske aufblitzen lassen</translation>
    </message>
    <message>
        <source>Stronger fill</source>
        <translation>Stärker füllen</translation>
    </message>
    <message>
        <source>Weaker fill</source>
        <translation>Schwächer füllen</translation>
    </message>
    <message>
        <source>Magnify small objects</source>
        <translation>Kleine Objekte vergrößern</translation>
    </message>
    <message>
        <source>Preview under the pointer</source>
        <translation>Vorschau unter dem Zeiger</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>Dunkles Design</translation>
    </message>
    <message>
        <source>Click</source>
        <translation>Klick</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Polygon: fill</source>
        <translation>Polygon: füllen</translation>
    </message>
    <message>
        <source>Polygon: cut</source>
        <translation>Polygon: ausschneiden</translation>
    </message>
    <message>
        <source>Box</source>
        <translation>Rahmen</translation>
    </message>
    <message>
        <source>Move and select</source>
        <translation>Verschieben und wählen</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>Keys …</source>
        <translation>Tasten …</translation>
    </message>
    <message>
        <source>Undo history</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Language …</source>
        <translation>Sprache …</translation>
    </message>
    <message>
        <source>About skipclick</source>
        <translation>Über skipclick</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>Objekt</translation>
    </message>
    <message>
        <source>Mask</source>
        <translation>Maske</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Object, background</source>
        <translation>Objekt, Hintergrund</translation>
    </message>
    <message>
        <source>Left, right click</source>
        <translation>Links-, Rechtsklick</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Rad</translation>
    </message>
    <message>
        <source>Move the image</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Middle button, Space</source>
        <translation>Mittlere Taste, Leertaste</translation>
    </message>
    <message>
        <source>Choose the object there</source>
        <translation>Objekt dort wählen</translation>
    </message>
    <message>
        <source>Ctrl + click</source>
        <translation>Strg + Klick</translation>
    </message>
    <message>
        <source>Take a click away</source>
        <translation>Klick entfernen</translation>
    </message>
    <message>
        <source>Alt + click</source>
        <translation>Alt + Klick</translation>
    </message>
    <message>
        <source>Size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>Shift + wheel</source>
        <translation>Umschalt + Rad</translation>
    </message>
    <message>
        <source>Choose the class</source>
        <translation>Klasse wählen</translation>
    </message>
    <message>
        <source>1 … 9</source>
        <translation>1 … 9</translation>
    </message>
    <message>
        <source>COCO (one JSON file)</source>
        <translation>COCO (eine JSON-Datei)</translation>
    </message>
    <message>
        <source>YOLO segmentation (text files)</source>
        <translation>YOLO-Segmentierung (Textdateien)</translation>
    </message>
    <message>
        <source>Pascal VOC (pictures and XML)</source>
        <translation>Pascal VOC (Bilder und XML)</translation>
    </message>
    <message>
        <source>labelme (JSON files)</source>
        <translation>labelme (JSON-Dateien)</translation>
    </message>
    <message>
        <source>Label maps (mask_NAME.png)</source>
        <translation>Labelbilder (mask_NAME.png)</translation>
    </message>
    <message>
        <source>One black and white PNG for each object</source>
        <translation>Ein Schwarz-Weiß-PNG je Objekt</translation>
    </message>
    <message>
        <source>Add object</source>
        <translation>Objekt hinzugefügt</translation>
    </message>
    <message>
        <source>Import object</source>
        <translation>Objekt importiert</translation>
    </message>
    <message>
        <source>Clicks</source>
        <translation>Klicks</translation>
    </message>
    <message>
        <source>Polygon fill</source>
        <translation>Polygon gefüllt</translation>
    </message>
    <message>
        <source>Polygon cut</source>
        <translation>Polygon ausgeschnitten</translation>
    </message>
    <message>
        <source>Delete object</source>
        <translation>Objekt gelöscht</translation>
    </message>
    <message>
        <source>Hide object</source>
        <translation>Objekt ausgeblendet</translation>
    </message>
    <message>
        <source>Show object</source>
        <translation>Objekt eingeblendet</translation>
    </message>
    <message>
        <source>Lock object</source>
        <translation>Objekt gesperrt</translation>
    </message>
    <message>
        <source>Unlock object</source>
        <translation>Objekt entsperrt</translation>
    </message>
    <message>
        <source>Copy object</source>
        <translation>Objekt kopiert</translation>
    </message>
    <message>
        <source>Change class of object</source>
        <translation>Klasse geändert</translation>
    </message>
    <message>
        <source>Change colour of object</source>
        <translation>Farbe geändert</translation>
    </message>
    <message>
        <source>Delete {n} objects</source>
        <translation>{n} Objekte gelöscht</translation>
    </message>
    <message>
        <source>Hide {n} objects</source>
        <translation>{n} Objekte ausgeblendet</translation>
    </message>
    <message>
        <source>Show {n} objects</source>
        <translation>{n} Objekte eingeblendet</translation>
    </message>
    <message>
        <source>Lock {n} objects</source>
        <translation>{n} Objekte gesperrt</translation>
    </message>
    <message>
        <source>Unlock {n} objects</source>
        <translation>{n} Objekte entsperrt</translation>
    </message>
    <message>
        <source>Copy {n} objects</source>
        <translation>{n} Objekte kopiert</translation>
    </message>
    <message>
        <source>Change class of {n} objects</source>
        <translation>Klasse von {n} Objekten geändert</translation>
    </message>
    <message>
        <source>Change colour of {n} objects</source>
        <translation>Farbe von {n} Objekten geändert</translation>
    </message>
    <message>
        <source>Reorder objects</source>
        <translation>Objekte umgeordnet</translation>
    </message>
    <message>
        <source>Mark image as done</source>
        <translation>Bild als fertig markiert</translation>
    </message>
    <message>
        <source>Mark image as not done</source>
        <translation>Bild als unfertig markiert</translation>
    </message>
    <message>
        <source>Mark image as reviewed</source>
        <translation>Bild als geprüft markiert</translation>
    </message>
    <message>
        <source>Mark image as not reviewed</source>
        <translation>Bild als ungeprüft markiert</translation>
    </message>
    <message>
        <source>Add class {name}</source>
        <translation>Klasse {name} hinzugefügt</translation>
    </message>
    <message>
        <source>Rename class to {name}</source>
        <translation>Klasse in {name} umbenannt</translation>
    </message>
    <message>
        <source>Reorder classes</source>
        <translation>Klassen umgeordnet</translation>
    </message>
    <message>
        <source>Front wins</source>
        <translation>Vorderes hat Vorrang</translation>
    </message>
    <message>
        <source>Keep overlaps</source>
        <translation>Überlappungen behalten</translation>
    </message>
    <message>
        <source>Digit</source>
        <translation>Ziffer</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>{name} has the digit {digit} now.</source>
        <translation>{name} hat jetzt die Ziffer {digit}.</translation>
    </message>
    <message>
        <source>{name} has no digit now.</source>
        <translation>{name} hat jetzt keine Ziffer.</translation>
    </message>
    <message>
        <source>All that are begun or done</source>
        <translation>Alle begonnenen und fertigen</translation>
    </message>
    <message>
        <source>The image at hand</source>
        <translation>Das aktuelle Bild</translation>
    </message>
    <message>
        <source>Those chosen in the list</source>
        <translation>Die in der Liste gewählten</translation>
    </message>
    <message>
        <source>Only those marked as done</source>
        <translation>Nur die als fertig markierten</translation>
    </message>
    <message>
        <source>Only those marked as reviewed</source>
        <translation>Nur die als geprüft markierten</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Nothing is labelled yet, so there is nothing to export.</source>
        <translation>Noch gibt es keine Masken, die exportiert werden könnten.</translation>
    </message>
    <message>
        <source>There are no images in this folder.
Open another one with {key}.</source>
        <translation>In diesem Ordner sind keine Bilder.
Öffnen Sie einen anderen mit {key}.</translation>
    </message>
    <message>
        <source>Everything is saved in {folder}. {key} exports masks.</source>
        <translation>Alles ist in {folder} gespeichert. {key} exportiert Masken.</translation>
    </message>
    <message>
        <source>Change key of class</source>
        <translation>Taste einer Klasse geändert</translation>
    </message>
    <message>
        <source>Change colour of class</source>
        <translation>Farbe einer Klasse geändert</translation>
    </message>
    <message>
        <source>Import {name}</source>
        <translation>{name} importiert</translation>
    </message>
    <message>
        <source>{n} of {images} chosen</source>
        <translation>{n} von {images} gewählt</translation>
    </message>
    <message>
        <source>Choose several in a list</source>
        <translation>Mehrere in einer Liste wählen</translation>
    </message>
    <message>
        <source>Ctrl, Shift + click</source>
        <translation>Strg, Umschalt + Klick</translation>
    </message>
    <message>
        <source>Drag in the list</source>
        <translation>In der Liste ziehen</translation>
    </message>
    <message>
        <source>Change the order</source>
        <translation>Reihenfolge ändern</translation>
    </message>
    <message>
        <source>Clicks are still being answered</source>
        <translation>Klicks werden noch beantwortet</translation>
    </message>
    <message>
        <source>{n} click has no mask yet. This goes on by itself when it has.</source>
        <translation>{n} Klick hat noch keine Maske. Hier geht es von selbst weiter, sobald er eine hat.</translation>
    </message>
    <message>
        <source>{n} clicks have no mask yet. This goes on by itself when they have.</source>
        <translation>{n} Klicks haben noch keine Maske. Hier geht es von selbst weiter, sobald sie eine haben.</translation>
    </message>
    <message>
        <source>Leave without them</source>
        <translation>Ohne sie gehen</translation>
    </message>
    <message>
        <source>No preview: the model takes {ms} ms a click here, which is too long.</source>
        <translation>Keine Vorschau: Das Modell braucht hier {ms} ms je Klick, das ist zu lang.</translation>
    </message>
    <message>
        <source>{name} has no object {number}</source>
        <translation>{name} hat kein Objekt {number}</translation>
    </message>
    <message>
        <source>there is no class {number}</source>
        <translation>Es gibt keine Klasse {number}</translation>
    </message>
    <message>
        <source>a project needs at least one class</source>
        <translation>Ein Projekt braucht mindestens eine Klasse</translation>
    </message>
    <message>
        <source>the next class cannot have the id {number}, which is taken</source>
        <translation>Die nächste Klasse kann nicht die Nummer {number} haben, sie ist vergeben</translation>
    </message>
    <message>
        <source>two classes have the id {value}: choose another</source>
        <translation>Zwei Klassen haben die Nummer {value}: wählen Sie eine andere</translation>
    </message>
    <message>
        <source>two classes have the name '{value}': choose another</source>
        <translation>Zwei Klassen haben den Namen „{value}“: wählen Sie einen anderen</translation>
    </message>
    <message>
        <source>two classes have the key '{value}': choose another</source>
        <translation>Zwei Klassen haben die Taste „{value}“: wählen Sie eine andere</translation>
    </message>
    <message>
        <source>{name!r} is no name of an image inside a folder</source>
        <translation>{name!r} ist kein Name eines Bildes in einem Ordner</translation>
    </message>
    <message>
        <source>an image of {size} pixels is empty or too large to be labelled</source>
        <translation>Ein Bild von {size} Pixeln ist leer oder zu groß, um es zu bearbeiten</translation>
    </message>
    <message>
        <source>a class needs a name of 1 to {longest} characters on one line, not {name!r}</source>
        <translation>Eine Klasse braucht einen Namen von 1 bis {longest} Zeichen in einer Zeile, nicht {name!r}</translation>
    </message>
    <message>
        <source>a colour is three numbers from 0 to 255, not {colour}</source>
        <translation>Eine Farbe besteht aus drei Zahlen von 0 bis 255, nicht {colour}</translation>
    </message>
    <message>
        <source>the key of a class is one character, not {key!r}</source>
        <translation>Die Taste einer Klasse ist ein einziges Zeichen, nicht {key!r}</translation>
    </message>
    <message>
        <source>object ids start at 1 and colours at 0, not {number} and {colour}</source>
        <translation>Objekte zählen ab 1 und Farben ab 0, nicht {number} und {colour}</translation>
    </message>
    <message>
        <source>the time spent on an object is not negative, as {seconds} is</source>
        <translation>Die Zeit für ein Objekt kann nicht negativ sein wie {seconds}</translation>
    </message>
    <message>
        <source>object {number} of {name} has the class {class_number}, unknown here</source>
        <translation>Objekt {number} von {name} hat die Klasse {class_number}, die es hier nicht gibt</translation>
    </message>
    <message>
        <source>{name} was labelled with {expected} pixels (width x height), but object {number} has {found}: bring back the image of that size, or delete its objects</source>
        <translation>{name} wurde mit {expected} Pixeln (Breite x Höhe) bearbeitet, aber Objekt {number} hat {found}: holen Sie das Bild in jener Größe zurück, oder löschen Sie seine Objekte</translation>
    </message>
    <message>
        <source>{name} has object {number} twice, or its number is too large</source>
        <translation>{name} hat Objekt {number} zweimal, oder seine Nummer ist zu groß</translation>
    </message>
    <message>
        <source>a brush cannot have the radius {radius}</source>
        <translation>Ein Pinsel kann nicht den Radius {radius} haben</translation>
    </message>
    <message>
        <source>positions are pairs of finite numbers, x and y in pixels</source>
        <translation>Orte sind Paare endlicher Zahlen, x und y in Pixeln</translation>
    </message>
    <message>
        <source>choose a number of pixels from 0 to {largest:g}, not {number}</source>
        <translation>Wählen Sie eine Zahl von Pixeln von 0 bis {largest:g}, nicht {number}</translation>
    </message>
    <message>
        <source>the tolerance is a number of pixels from 0 to 100, not {tolerance}</source>
        <translation>Die Toleranz ist eine Zahl von Pixeln von 0 bis 100, nicht {tolerance}</translation>
    </message>
    <message>
        <source>{format_name} has no polygons: leave the tolerance out</source>
        <translation>{format_name} hat keine Polygone: lassen Sie die Toleranz weg</translation>
    </message>
    <message>
        <source>{target} is a file: name a folder</source>
        <translation>{target} ist eine Datei: wählen Sie einen Ordner</translation>
    </message>
    <message>
        <source>the folder {folder} does not exist: create it first</source>
        <translation>Den Ordner {folder} gibt es nicht: legen Sie ihn zuerst an</translation>
    </message>
    <message>
        <source>nothing in {folder} is labelled yet</source>
        <translation>In {folder} ist noch nichts bearbeitet</translation>
    </message>
    <message>
        <source>nothing can be written to {target}: {reason}</source>
        <translation>In {target} kann nichts geschrieben werden: {reason}</translation>
    </message>
    <message>
        <source>no labelled image is called {pattern}: give names as they stand in the folder</source>
        <translation>Kein bearbeitetes Bild heißt {pattern}: geben Sie Namen so an, wie sie im Ordner stehen</translation>
    </message>
    <message>
        <source>none of these images is marked as done: mark some, or export those begun too</source>
        <translation>Keines dieser Bilder ist als fertig markiert: markieren Sie welche, oder exportieren Sie auch begonnene</translation>
    </message>
    <message>
        <source>none of these images is marked as reviewed: review some, or export what is done</source>
        <translation>Keines dieser Bilder ist als geprüft markiert: prüfen Sie welche, oder exportieren Sie die fertigen</translation>
    </message>
    <message>
        <source>{name} is reviewed, but not done</source>
        <translation>{name} ist geprüft, aber nicht fertig</translation>
    </message>
    <message>
        <source>{target} is one of the photos: export to another folder</source>
        <translation>{target} ist eines der Fotos: exportieren Sie in einen anderen Ordner</translation>
    </message>
    <message>
        <source>{target} would be taken for a photo: export to a folder outside {folder}</source>
        <translation>{target} würde für ein Foto gehalten: exportieren Sie in einen Ordner außerhalb von {folder}</translation>
    </message>
    <message>
        <source>{target} exists already: export to another folder, or let files be replaced (--force)</source>
        <translation>{target} gibt es schon: exportieren Sie in einen anderen Ordner, oder lassen Sie Dateien ersetzen</translation>
    </message>
    <message>
        <source>two images would be written to {written}: rename one, or export them apart</source>
        <translation>Zwei Bilder würden nach {written} geschrieben: benennen Sie eines um, oder exportieren Sie sie getrennt</translation>
    </message>
    <message>
        <source>a mask of {name} is damaged ({reason}): delete the object</source>
        <translation>Eine Maske von {name} ist beschädigt ({reason}): löschen Sie das Objekt</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}</source>
        <translation>{path} kann nicht geschrieben werden: {reason}</translation>
    </message>
    <message>
        <source>{path} is no ordinary file; save the image as JPEG or PNG</source>
        <translation>{path} ist keine gewöhnliche Datei; speichern Sie das Bild als JPEG oder PNG</translation>
    </message>
    <message>
        <source>{folder} cannot be read: {reason}</source>
        <translation>{folder} kann nicht gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>the older files of the project belong to another one: undo ends here</source>
        <translation>Die älteren Dateien des Projekts gehören zu einem anderen: weiter zurück geht es nicht</translation>
    </message>
    <message>
        <source>{source} does not exist: name the file or folder to import</source>
        <translation>{source} gibt es nicht: wählen Sie die Datei oder den Ordner zum Importieren</translation>
    </message>
    <message>
        <source>{source} holds no masks for the images in {folder}, but for {name} and others that are not here</source>
        <translation>{source} enthält keine Masken für die Bilder in {folder}, aber für {name} und andere, die nicht hier sind</translation>
    </message>
    <message>
        <source>{source} holds no masks for the images in {folder}</source>
        <translation>{source} enthält keine Masken für die Bilder in {folder}</translation>
    </message>
    <message>
        <source>labelled already: {names}; choose to add to the objects (--add), or to replace them (--replace)</source>
        <translation>Schon bearbeitet: {names}; wählen Sie, ob die Objekte ergänzt oder ersetzt werden</translation>
    </message>
    <message>
        <source>there is no class {name}</source>
        <translation>Es gibt keine Klasse {name}</translation>
    </message>
    <message>
        <source>{place} does not keep what is written to it: choose another disk</source>
        <translation>{place} behält nicht, was dort geschrieben wird: wählen Sie einen anderen Datenträger</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}): 1 action is in memory only; make room, or save the project elsewhere</source>
        <translation>{path} kann nicht geschrieben werden ({reason}): 1 Schritt ist nur im Arbeitsspeicher; schaffen Sie Platz, oder speichern Sie das Projekt woanders</translation>
    </message>
    <message>
        <source>{path} cannot be written ({reason}): {number} actions are in memory only; make room, or save the project elsewhere</source>
        <translation>{path} kann nicht geschrieben werden ({reason}): {number} Schritte sind nur im Arbeitsspeicher; schaffen Sie Platz, oder speichern Sie das Projekt woanders</translation>
    </message>
    <message>
        <source>{path} cannot be repaired: {reason}</source>
        <translation>{path} kann nicht repariert werden: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be put aside: {reason}</source>
        <translation>{path} kann nicht beiseitegelegt werden: {reason}</translation>
    </message>
    <message>
        <source>{home} is open in process {process} on {host} since {when}: close it there</source>
        <translation>{home} ist im Prozess {process} auf {host} seit {when} geöffnet: schließen Sie es dort</translation>
    </message>
    <message>
        <source>{home} is open in process {process} on {host} since {when}: close it there; if nobody works on it any more, take it over (--take-over)</source>
        <translation>{home} ist im Prozess {process} auf {host} seit {when} geöffnet: schließen Sie es dort; wenn niemand mehr daran arbeitet, übernehmen Sie es</translation>
    </message>
    <message>
        <source>{home} is open in another program: close it there</source>
        <translation>{home} ist in einem anderen Programm geöffnet: schließen Sie es dort</translation>
    </message>
    <message>
        <source>{home} cannot be written: {reason}</source>
        <translation>{home} kann nicht geschrieben werden: {reason}</translation>
    </message>
    <message>
        <source>{path} holds no project: name the folder of images, or the project's own</source>
        <translation>{path} enthält kein Projekt: wählen Sie den Ordner der Bilder oder den des Projekts</translation>
    </message>
    <message>
        <source>{folder} is no folder: name a folder of images</source>
        <translation>{folder} ist kein Ordner: wählen Sie einen Ordner mit Bildern</translation>
    </message>
    <message>
        <source>the project was opened to be looked at only: open it for writing</source>
        <translation>Das Projekt ist nur zum Ansehen geöffnet: öffnen Sie es zum Bearbeiten</translation>
    </message>
    <message>
        <source>the images are not in {folder} any more: say where they are now</source>
        <translation>Die Bilder sind nicht mehr in {folder}: sagen Sie, wo sie jetzt sind</translation>
    </message>
    <message>
        <source>{home} cannot be made ({reason}): keep the project in a folder of its own</source>
        <translation>{home} kann nicht angelegt werden ({reason}): legen Sie das Projekt in einen eigenen Ordner</translation>
    </message>
    <message>
        <source>{home} is not empty: name a new folder</source>
        <translation>{home} ist nicht leer: wählen Sie einen neuen Ordner</translation>
    </message>
    <message>
        <source>{home} holds no project</source>
        <translation>{home} enthält kein Projekt</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}</source>
        <translation>{path} kann nicht gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>{path} was made by a newer skipclick: update skipclick to open it</source>
        <translation>{path} stammt aus einem neueren skipclick: aktualisieren Sie skipclick, um es zu öffnen</translation>
    </message>
    <message>
        <source>{path} is damaged ({reason}): nothing was changed; restore it from a backup, or salvage what can be read (--salvage)</source>
        <translation>{path} ist beschädigt ({reason}): nichts wurde verändert; spielen Sie eine Sicherung ein, oder retten Sie, was lesbar ist</translation>
    </message>
    <message>
        <source>{path} does not begin where the volume before it ended</source>
        <translation>{path} beginnt nicht, wo die Datei davor endete</translation>
    </message>
    <message>
        <source>{path} is damaged in line {line} of {count} ({reason}): nothing was changed; restore it from a backup, or salvage what comes before (--salvage)</source>
        <translation>{path} ist in Zeile {line} von {count} beschädigt ({reason}): nichts wurde verändert; spielen Sie eine Sicherung ein, oder retten Sie, was davor steht</translation>
    </message>
    <message>
        <source>there is nothing to do</source>
        <translation>Es gibt nichts zu tun</translation>
    </message>
    <message>
        <source>place {place} is not among the {count} classes</source>
        <translation>Platz {place} gibt es unter den {count} Klassen nicht</translation>
    </message>
    <message>
        <source>the class {name} is in use on 1 image: choose a class for its objects</source>
        <translation>Die Klasse {name} wird auf 1 Bild verwendet: wählen Sie eine Klasse für ihre Objekte</translation>
    </message>
    <message>
        <source>the class {name} is in use on {number} images: choose a class for its objects</source>
        <translation>Die Klasse {name} wird auf {number} Bildern verwendet: wählen Sie eine Klasse für ihre Objekte</translation>
    </message>
    <message>
        <source>a class cannot be replaced by itself: choose another</source>
        <translation>Eine Klasse kann nicht durch sich selbst ersetzt werden: wählen Sie eine andere</translation>
    </message>
    <message>
        <source>{image} has an object {number} already</source>
        <translation>{image} hat schon ein Objekt {number}</translation>
    </message>
    <message>
        <source>{image} and {target} differ in size: nothing can be copied</source>
        <translation>{image} und {target} sind verschieden groß: es kann nichts kopiert werden</translation>
    </message>
    <message>
        <source>place {place} is not among the {count} objects</source>
        <translation>Platz {place} gibt es unter den {count} Objekten nicht</translation>
    </message>
    <message>
        <source>no object is chosen</source>
        <translation>Kein Objekt ist gewählt</translation>
    </message>
    <message>
        <source>object {number} is locked: unlock it first</source>
        <translation>Objekt {number} ist gesperrt: entsperren Sie es zuerst</translation>
    </message>
    <message>
        <source>{where} is {width} x {height} pixels, but its image {wide} x {high}: export it again for this image</source>
        <translation>{where} hat {width} x {height} Pixel, aber das Bild {wide} x {high}: exportieren Sie es neu für dieses Bild</translation>
    </message>
    <message>
        <source>{where} is for an image of {width} x {height} pixels, but yours has {wide} x {high}: export it again for this image</source>
        <translation>{where} ist für ein Bild von {width} x {height} Pixeln, aber Ihres hat {wide} x {high}: exportieren Sie es neu für dieses Bild</translation>
    </message>
    <message>
        <source>{path} holds no JSON object: export it again</source>
        <translation>{path} enthält kein JSON-Objekt: exportieren Sie es neu</translation>
    </message>
    <message>
        <source>{folder} is no folder: name the folder that holds the annotations</source>
        <translation>{folder} ist kein Ordner: wählen Sie den Ordner mit den Masken</translation>
    </message>
    <message>
        <source>{name} may be {first} or {second}: rename one of the images</source>
        <translation>{name} kann {first} oder {second} sein: benennen Sie eines der Bilder um</translation>
    </message>
    <message>
        <source>{path} is no text in UTF-8: export it again</source>
        <translation>{path} ist kein Text in UTF-8: exportieren Sie es neu</translation>
    </message>
    <message>
        <source>{path} is no JSON ({reason}): export it again</source>
        <translation>{path} ist kein JSON ({reason}): exportieren Sie es neu</translation>
    </message>
    <message>
        <source>{name} is damaged or cut short ({reason}); save or download it again</source>
        <translation>{name} ist beschädigt oder abgeschnitten ({reason}); speichern oder laden Sie es neu</translation>
    </message>
    <message>
        <source>{name} has {width} x {height} pixels; scale it down to {most} megapixels or less</source>
        <translation>{name} hat {width} x {height} Pixel; verkleinern Sie es auf höchstens {most} Megapixel</translation>
    </message>
    <message>
        <source>{name} has no pixels ({width} x {height})</source>
        <translation>{name} hat keine Pixel ({width} x {height})</translation>
    </message>
    <message>
        <source>{name} is a folder; name one image file</source>
        <translation>{name} ist ein Ordner; wählen Sie eine Bilddatei</translation>
    </message>
    <message>
        <source>{name} does not exist; check the file name</source>
        <translation>{name} gibt es nicht; prüfen Sie den Dateinamen</translation>
    </message>
    <message>
        <source>{name} may not be read; check its permissions</source>
        <translation>{name} darf nicht gelesen werden; prüfen Sie die Zugriffsrechte</translation>
    </message>
    <message>
        <source>{name} cannot be opened: {reason}</source>
        <translation>{name} kann nicht geöffnet werden: {reason}</translation>
    </message>
    <message>
        <source>{name} is empty; save or download it again</source>
        <translation>{name} ist leer; speichern oder laden Sie es neu</translation>
    </message>
    <message>
        <source>{name} is not a picture that can be read; save it as JPEG or PNG</source>
        <translation>{name} ist kein lesbares Bild; speichern Sie es als JPEG oder PNG</translation>
    </message>
    <message>
        <source>the last action was cut off in writing and is not there</source>
        <translation>Der letzte Schritt wurde beim Schreiben abgebrochen und fehlt</translation>
    </message>
    <message>
        <source>the program that had it open before did not end properly; its work is all here</source>
        <translation>Das Programm, das den Ordner zuletzt offen hatte, wurde nicht richtig beendet; seine Arbeit ist vollständig da</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>kein Speicherplatz mehr</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>keine Berechtigung</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>nur lesbar</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Ordner gibt es nicht</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Ein-/Ausgabefehler</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>Dateiname zu lang</translation>
    </message>
    <message>
        <source>another program has changed it</source>
        <translation>ein anderes Programm hat es verändert</translation>
    </message>
    <message>
        <source>the checksum is wrong</source>
        <translation>die Prüfsumme ist falsch</translation>
    </message>
    <message>
        <source>not enough memory; close other programs, or choose a smaller model or the CPU</source>
        <translation>Zu wenig Arbeitsspeicher; schließen Sie andere Programme, oder wählen Sie ein kleineres Modell oder die CPU</translation>
    </message>
    <message>
        <source>the model failed ({what})</source>
        <translation>Das Modell ist gescheitert ({what})</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>Exporting masks …</source>
        <translation>Masken werden exportiert …</translation>
    </message>
    <message>
        <source>Reading masks …</source>
        <translation>Masken werden gelesen …</translation>
    </message>
    <message>
        <source>The export was stopped; nothing was written.</source>
        <translation>Der Export wurde abgebrochen; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>The import was stopped; nothing was changed.</source>
        <translation>Der Import wurde abgebrochen; nichts wurde geändert.</translation>
    </message>
    <message>
        <source>{n} without a pixel of its own was left out.</source>
        <translation>{n} ohne ein eigenes Pixel wurde ausgelassen.</translation>
    </message>
    <message>
        <source>{n} without a pixel of their own were left out.</source>
        <translation>{n} ohne ein eigenes Pixel wurden ausgelassen.</translation>
    </message>
    <message>
        <source>The project is not where it was</source>
        <translation>Das Projekt ist nicht, wo es war</translation>
    </message>
    <message>
        <source>The work on these photos is kept in {folder}, which cannot be found. Connect its disk and open them again, or go on without that work.</source>
        <translation>Die Arbeit an diesen Fotos liegt in {folder}, und das ist nicht zu finden. Schließen Sie das Laufwerk an und öffnen Sie die Fotos noch einmal, oder machen Sie ohne diese Arbeit weiter.</translation>
    </message>
    <message>
        <source>Go on without it</source>
        <translation>Ohne sie weitermachen</translation>
    </message>
    <message>
        <source>This project is kept in {folder}.</source>
        <translation>Dieses Projekt liegt in {folder}.</translation>
    </message>
    <message>
        <source>Keep encoded images …</source>
        <translation>Kodierte Bilder aufheben …</translation>
    </message>
    <message>
        <source>Keep encoded images</source>
        <translation>Kodierte Bilder aufheben</translation>
    </message>
    <message>
        <source>{folder} is not there: encoded images are kept in memory only.</source>
        <translation>{folder} ist nicht da: Kodierte Bilder bleiben nur im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>Encoded images are kept in memory only. In a folder, each is encoded once and for all.</source>
        <translation>Kodierte Bilder bleiben nur im Arbeitsspeicher. In einem Ordner wird jedes ein für alle Mal kodiert.</translation>
    </message>
    <message>
        <source>Encoded images are kept in {folder}.</source>
        <translation>Kodierte Bilder liegen in {folder}.</translation>
    </message>
    <message>
        <source>Keep them in memory only</source>
        <translation>Nur im Arbeitsspeicher behalten</translation>
    </message>
    <message>
        <source>The filter shows no further image.</source>
        <translation>Der Filter zeigt kein weiteres Bild.</translation>
    </message>
    <message>
        <source>The filter shows no other image that is not done.</source>
        <translation>Der Filter zeigt kein anderes Bild, das nicht fertig ist.</translation>
    </message>
    <message>
        <source>The filter shows no other image that is to be reviewed.</source>
        <translation>Der Filter zeigt kein anderes Bild, das zu prüfen ist.</translation>
    </message>
    <message>
        <source>No other image is to be reviewed.</source>
        <translation>Kein anderes Bild ist zu prüfen.</translation>
    </message>
    <message>
        <source>Its labels have changed: the image is done, but must be reviewed again.</source>
        <translation>Seine Masken oder Klassen haben sich geändert: das Bild ist fertig, aber wieder zu prüfen.</translation>
    </message>
    <message>
        <source>{reviewed} reviewed</source>
        <translation>{reviewed} geprüft</translation>
    </message>
    <message>
        <source>Quality {percent} %</source>
        <translation>Güte {percent} %</translation>
    </message>
    <message>
        <source>Predicted by the model for its own mask, 100 % for a perfect fit; often too hopeful</source>
        <translation>Vom Modell für seine eigene Maske vorhergesagt, 100 % für eine perfekte; oft zu zuversichtlich</translation>
    </message>
</context>
</TS>
