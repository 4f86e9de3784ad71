import { DialogContent } from '@/components/ui/dialog';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { useOwnImport } from '@/hooks/useImportJob';

import { AddMovieForm } from './AddMovieForm';
import { ImportForm } from './ImportForm';

/** The dialog for adding, loaded when it is first opened. */
export default function AddMovies() {
  const { own } = useOwnImport();
  return (
    <DialogContent wide title="Add movies">
      <Tabs defaultValue={own ? 'file' : 'one'}>
        <TabsList aria-label="Ways to add">
          <TabsTrigger value="one">One movie</TabsTrigger>
          <TabsTrigger value="file">From a file</TabsTrigger>
        </TabsList>
        <TabsContent value="one">
          <AddMovieForm />
        </TabsContent>
        <TabsContent value="file">
          <ImportForm />
        </TabsContent>
      </Tabs>
    </DialogContent>
  );
}
