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
</context>
</TS>
